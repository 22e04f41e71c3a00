/** The page of a connector: whether it authenticates, as whom, until when, and which stores use it. */
import type { ConnectorDetail, ConnectorItem } from '../../contract.ts'
import { useAnswer } from '../net/hooks.ts'
import { Identity } from './connector-identity.tsx'
import { StoresOf } from './connector-stores.tsx'
import { Cautions, Conditions, Events, TroubleNote } from './facts.tsx'
import { Head } from './head.tsx'
import { Steps } from './steps.tsx'
import type { ObjectViewProps } from './store.tsx'
import { Yaml } from './yaml.tsx'

export function ConnectorView({ namespace, name, known, now, server }: ObjectViewProps) {
  const key = `${namespace}/${name}`
  const item = known.connectors.find(connector => connector.key === key)
  const detail = useAnswer(key, signal => server.connector(namespace, name, signal), [item])
  const shown = item ?? detail.value?.connector
  const stores = known.stores.filter(({ connector }) => connector === key)
  return (
    <>
      <Head object={{ kind: 'connector', namespace, name }} item={item} shown={shown} detail={detail} server={server} />
      {shown && detail.value && <State detail={detail.value} item={shown} now={now} />}
      {shown && detail.value && (
        <div class="panels">
          <Identity detail={detail.value} item={shown} now={now} />
          <Events events={detail.value.events} now={now} />
        </div>
      )}
      {/* Not before what is above it, as it would jump. */}
      {(detail.value || detail.error !== undefined || !item) && <StoresOf stores={stores} inAll={shown?.storesInAll} />}
      {detail.value && (
        <>
          <Conditions conditions={detail.value.conditions} now={now} />
          <Yaml yaml={detail.value.yaml} />
        </>
      )}
    </>
  )
}

const State = ({ detail, item, now }: { detail: ConnectorDetail; item: ConnectorItem; now: number }) => (
  <>
    <TroubleNote item={item} />
    <Steps steps={detail.steps} now={now} />
    <Cautions texts={[...detail.cautions, ...detail.notes]} steps={detail.steps} />
  </>
)
