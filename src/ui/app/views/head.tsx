/** The top of an object's page: its title, what one may do with it, and whether it is there and can be read. */
import type { ActionRequest, ConnectorItem, StoreDetail, StoreItem } from '../../contract.ts'
import type { useAnswer } from '../net/hooks.ts'
import type { Server } from '../net/server.ts'
import { Said } from '../parts/said.tsx'
import { Actions } from './actions.tsx'
import { Title } from './title.tsx'

interface HeadProps {
  object: ActionRequest
  /** The object now; undefined when it is gone. */
  item: StoreItem | ConnectorItem | undefined
  /** What is shown of it: its last state when it is gone. */
  shown: StoreItem | ConnectorItem | undefined
  detail: ReturnType<typeof useAnswer<Pick<StoreDetail, 'commands'>>>
  server: Server
}

const TITLES = { store: 'Store', connector: 'Connector' } as const

export function Head({ object, item, shown, detail, server }: HeadProps) {
  const { kind, namespace, name } = object
  return (
    <>
      <Title kind={TITLES[kind]} name={name} namespace={namespace} item={shown}>
        {item && detail.value && (
          <Actions object={object} commands={detail.value.commands} server={server} again={detail.again} />
        )}
      </Title>
      {!item && <p class="banner bad">There is no such {kind} now: it was deleted, or is not yours to see.</p>}
      {item && detail.error !== undefined && (
        <p class="banner bad">
          <Said text={detail.error} />
        </p>
      )}
    </>
  )
}
