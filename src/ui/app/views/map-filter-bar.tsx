/** What narrows the map: words, a namespace, a cloud, a reason, a state. */
import { useEffect, useRef } from 'preact/hooks'
import { harmless } from '../../../cli/text/harmless.ts'
import { type Choice, type Choices, CLOUD_TITLES, EVERYTHING, type Filter, isNarrowed } from '../model/filter.ts'
import { type Tally, TONE_WORDS, TONES } from '../model/tone.ts'
import { useFocusGoesOn } from '../parts/focus.ts'
import { Mark } from '../parts/mark.tsx'

interface FilterBarProps {
  filter: Filter
  choices: Choices
  /** Of the stores that all but the state lets through. */
  tally: Tally
  change(part: Partial<Filter>): void
  found: number
  all: number
}

export function FilterBar({ filter, choices, tally, change, found, all }: FilterBarProps) {
  return (
    <search class="filter">
      <SearchField text={filter.text} change={text => change({ text })} />
      <Select
        title="Namespace"
        value={filter.namespace}
        choices={choices.namespaces}
        change={namespace => change({ namespace })}
      />
      <Select
        title="Cloud"
        value={filter.cloud}
        choices={choices.clouds}
        titleOf={value => CLOUD_TITLES[value as keyof typeof CLOUD_TITLES]}
        change={cloud => change({ cloud: cloud as Filter['cloud'] })}
      />
      <Select title="Reason" value={filter.reason} choices={choices.reasons} change={reason => change({ reason })} />
      <div class="states">
        <fieldset class="tones">
          <legend class="unseen">State</legend>
          {TONES.filter(tone => tally[tone] > 0 || filter.tone === tone).map(tone => (
            <button
              key={tone}
              type="button"
              class="tone"
              title={TONE_WORDS[tone]}
              aria-pressed={filter.tone === tone}
              onClick={() => change({ tone: filter.tone === tone ? '' : tone })}
            >
              <Mark tone={tone} />
              {tone} <span class="number">{tally[tone].toLocaleString('en')}</span>
            </button>
          ))}
        </fieldset>
        <p class="found" role="status" tabIndex={-1}>
          {isNarrowed(filter)
            ? `${found.toLocaleString('en')} of ${all.toLocaleString('en')} stores`
            : `${all.toLocaleString('en')} ${all === 1 ? 'store' : 'stores'}`}
        </p>
        {isNarrowed(filter) && (
          <ClearButton class="button small" clear={() => change(EVERYTHING)}>
            Clear
          </ClearButton>
        )}
      </div>
    </search>
  )
}

interface ClearProps {
  class: string
  clear(): void
  children: string
}

/** Goes away when it is pressed: one goes on at how much is shown then. */
export function ClearButton({ class: name, clear, children }: ClearProps) {
  const button = useFocusGoesOn<HTMLButtonElement>(() => document.querySelector<HTMLElement>('.found'))
  return (
    <button ref={button} type="button" class={name} onClick={clear}>
      {children}
    </button>
  )
}

function SearchField({ text, change }: { text: string; change(text: string): void }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      field.current?.select()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
  return (
    <label class="search">
      <span class="unseen">Search</span>
      <svg viewBox="0 0 16 16" aria-hidden="true" class="icon">
        <path d="M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2Zm3.6 8.6 3.6 3.6" />
      </svg>
      <input
        ref={field}
        type="search"
        placeholder="Search names, buckets, Secrets"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={event => change(event.currentTarget.value)}
        onKeyDown={event => event.key === 'Escape' && change('')}
      />
      <span class="key-hint" aria-hidden="true">
        Ctrl K
      </span>
    </label>
  )
}

interface SelectProps {
  title: string
  value: string
  choices: readonly Choice[]
  titleOf?(value: string): string
  change(value: string): void
}

function Select({ title, value, choices, titleOf = value => value, change }: SelectProps) {
  const isKnown = value === '' || choices.some(choice => choice.value === value)
  return (
    <label class="select">
      <span>{title}</span>
      <select value={value} onChange={event => change(event.currentTarget.value)}>
        <option value="">Any</option>
        {!isKnown && <option value={value}>{`${harmless(titleOf(value))} (0)`}</option>}
        {choices.map(({ value, count }) => (
          <option key={value} value={value}>{`${harmless(titleOf(value))} (${count})`}</option>
        ))}
      </select>
    </label>
  )
}
