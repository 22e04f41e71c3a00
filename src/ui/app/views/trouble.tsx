/** What is wrong, root causes first, each with its cures. */
import { useState } from 'preact/hooks'
import type { Finding, FindingCure, Subject } from '../../contract.ts'
import type { Known } from '../model/known.ts'
import { connectorFragment, storeFragment } from '../model/route.ts'
import { useAnswer } from '../net/hooks.ts'
import type { Server } from '../net/server.ts'
import { CopyBlock } from '../parts/copy.tsx'
import { firstIn, useFocusGoesOn, useShownPart, viewTitle } from '../parts/focus.ts'
import { Mark } from '../parts/mark.tsx'
import { RunDialog } from '../parts/run-dialog.tsx'
import { Said } from '../parts/said.tsx'

/** So many objects are named before one asks for all. */
const NAMED = 5
/** So many findings are shown before one asks for more. */
const AT_ONCE = 20

export function TroubleView({ known, server }: { known: Known; server: Server }) {
  const { value, error, again } = useAnswer('trouble', server.trouble, [known.connectors, known.stores])
  const [cure, setCure] = useState<FindingCure | undefined>()
  const wrong = value?.findings.filter(({ isCaution }) => !isCaution) ?? []
  const cautions = value?.findings.filter(({ isCaution }) => isCaution) ?? []
  return (
    <div class="page">
      <h1 tabIndex={-1}>Trouble</h1>
      {error !== undefined && (
        <p class="banner bad">
          <Said text={error} />
        </p>
      )}
      {value?.notes.map(note => (
        <p key={note} class="banner note">
          <Said text={note} />
        </p>
      ))}
      {!value && error === undefined && <p class="waiting">Looking for causes …</p>}
      {value && wrong.length === 0 && <AllWell />}
      <Findings findings={wrong} title="Not well" isHeaded={cautions.length > 0} choose={setCure} />
      <Findings findings={cautions} title="Works, but" isHeaded choose={setCure} />
      {cure?.run && (
        <CureDialog
          cure={cure}
          id={cure.run.id}
          server={server}
          close={() => {
            setCure(undefined)
            again()
          }}
        />
      )}
    </div>
  )
}

const AllWell = () => (
  <p class="all-well">
    <Mark tone="Ready" /> All connectors and stores are well.
  </p>
)

interface CureDialogProps {
  cure: FindingCure
  id: string
  server: Server
  close(): void
}

const CureDialog = ({ cure, id, server, close }: CureDialogProps) => (
  <RunDialog
    title={sentence(cure.words)}
    prepare={() => server.preview(id)}
    run={async ({ digest = '' }) => {
      const { result, detail } = await server.cure(id, { digest })
      const words = { Done: 'Done', Failed: 'Failed', Late: 'Done, but no result in time' }[result]
      return { isGood: result === 'Done', words: detail === '' ? words : `${words}: ${detail}` }
    }}
    close={close}
  />
)

interface FindingsProps {
  findings: readonly Finding[]
  title: string
  isHeaded: boolean
  choose(cure: FindingCure): void
}

function Findings({ findings, title, isHeaded, choose }: FindingsProps) {
  const { list, most, more } = useShownPart<HTMLOListElement>(findings.length, AT_ONCE, AT_ONCE)
  if (findings.length === 0) return null
  const rest = findings.length - most
  return (
    <>
      <h2 class={isHeaded ? 'section' : 'unseen'}>{title}</h2>
      <ol class="findings" ref={list}>
        {findings.slice(0, most).map(finding => (
          <FindingCard key={finding.id} finding={finding} choose={choose} />
        ))}
      </ol>
      {rest > 0 && (
        <button type="button" class="button more" onClick={more}>
          Show {Math.min(rest, AT_ONCE)} of {rest.toLocaleString('en')} more
        </button>
      )}
    </>
  )
}

function FindingCard({ finding, choose }: { finding: Finding; choose(cure: FindingCure): void }) {
  const { reason, message, isCaution, explains, cures, document } = finding
  // Once it is cured it goes away, with the button that was pressed for it.
  const card = useFocusGoesOn<HTMLLIElement>(
    gone => firstIn(gone.nextElementSibling ?? gone.previousElementSibling) ?? viewTitle(),
  )
  return (
    <li ref={card} class={`finding tone-edge-${isCaution ? 'Caution' : 'Stalled'}`}>
      <h3>
        <Mark tone={isCaution ? 'Caution' : 'Stalled'} />
        <SubjectLink subject={finding} />
        <Said text={reason} class={`reason tone-${isCaution ? 'Caution' : 'Stalled'}`} />
      </h3>
      <p class="message">
        <Said text={message} />
      </p>
      <Explained subjects={explains} />
      {cures.map((cure, at) => (
        <CureBlock key={cure.words} cure={cure} isFirst={at === 0} choose={choose} />
      ))}
      {document !== undefined && (
        <p class="quiet see">
          See {document}, or <code>kubectl artifactstore explain {reason}</code>
        </p>
      )}
    </li>
  )
}

function Explained({ subjects }: { subjects: readonly Subject[] }) {
  const { list, most, more } = useShownPart<HTMLSpanElement>(subjects.length, NAMED)
  if (subjects.length === 0) return null
  const shown = subjects.slice(0, most)
  return (
    <p class="explains">
      <strong>
        {subjects.length} more {subjects.length === 1 ? 'object is' : 'objects are'} not well because of this:
      </strong>{' '}
      <span ref={list}>
        {shown.map((subject, at) => (
          <span key={`${subject.kind} ${subject.namespace}/${subject.name}`}>
            {at > 0 && ', '}
            <SubjectLink subject={subject} />
          </span>
        ))}
      </span>{' '}
      {shown.length < subjects.length && (
        <button type="button" class="button small" onClick={more}>
          and {subjects.length - shown.length} more
        </button>
      )}
    </p>
  )
}

function SubjectLink({ subject }: { subject: Subject }) {
  const { kind, namespace, name } = subject
  const words = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
  if (kind === 'installation') return <span tabIndex={-1}>{words}</span>
  return <a href={(kind === 'store' ? storeFragment : connectorFragment)(subject)}>{words}</a>
}

const TITLES: Readonly<Record<FindingCure['place'], string>> = {
  cluster: 'Cure',
  outside: 'Cure outside of the cluster',
  none: 'Nobody needs to act',
}

interface CureBlockProps {
  cure: FindingCure
  isFirst: boolean
  choose(cure: FindingCure): void
}

const CureBlock = ({ cure, isFirst, choose }: CureBlockProps) => (
  <div class="cure">
    <p>
      <strong>{isFirst ? TITLES[cure.place] : 'Or'}:</strong> <Said text={cure.words} />
    </p>
    {cure.needs.length > 0 && <p class="quiet">It needs: {cure.needs.join(', ')}</p>}
    {cure.commands.map(command => (
      <CopyBlock key={command} text={command} what="command" />
    ))}
    {cure.run && (
      <button type="button" class="button primary" onClick={() => choose(cure)}>
        Run …
      </button>
    )}
  </div>
)

const sentence = (words: string): string => `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
