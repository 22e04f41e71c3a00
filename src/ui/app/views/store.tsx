/** The page of a store: how it is made ready step by step, what may be done there, and who gets credentials. */
import type { StoreDetail, StoreItem } from '../../contract.ts'
import type { Known } from '../model/known.ts'
import { useAnswer } from '../net/hooks.ts'
import type { Server } from '../net/server.ts'
import { Cautions, Conditions, Events, Permissions, TroubleNote } from './facts.tsx'
import { Head } from './head.tsx'
import { Steps } from './steps.tsx'
import { Secrets } from './store-secrets.tsx'
import { Snippets } from './store-snippets.tsx'
import { Usage } from './store-usage.tsx'
import { Yaml } from './yaml.tsx'

export interface ObjectViewProps {
  namespace: string
  name: string
  known: Known
  now: number
  server: Server
}

export function StoreView({ namespace, name, known, now, server }: ObjectViewProps) {
  const key = `${namespace}/${name}`
  const item = known.stores.find(store => store.key === key)
  const connector = item && known.connectors.find(one => one.key === item.connector)
  const detail = useAnswer(key, signal => server.store(namespace, name, signal), [item, connector])
  // The last state stays on the page while somebody reads it, also when the store is gone.
  const shown = item ?? detail.value?.store
  return (
    <>
      <Head object={{ kind: 'store', namespace, name }} item={item} shown={shown} detail={detail} server={server} />
      {shown && <Usage item={shown} isShown={item?.usage !== undefined} now={now} />}
      {detail.value && <Detail detail={detail.value} item={shown ?? detail.value.store} now={now} />}
    </>
  )
}

function Detail({ detail, item, now }: { detail: StoreDetail; item: StoreItem; now: number }) {
  const { steps, cautions, permissions, bucket, events, conditions, yaml, snippets, notes } = detail
  const [namespace = '', name = ''] = item.connector.split('/')
  return (
    <>
      <TroubleNote item={item} />
      <Steps steps={steps} now={now} connector={{ namespace, name }} />
      <Cautions texts={[...cautions, ...notes]} steps={steps} />
      <Secrets item={item} now={now} />
      <div class="panels">
        <Permissions permissions={permissions} bucket={bucket} />
        <Snippets snippets={snippets} />
        <Events events={events} now={now} />
        <Conditions conditions={conditions} now={now} />
      </div>
      <Yaml yaml={yaml} />
    </>
  )
}
