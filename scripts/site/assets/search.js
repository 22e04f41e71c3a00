/** The search box. The index is read at the first use, from the site itself; nothing else is called, and nothing kept. */
import MiniSearch from './minisearch.js'

const OPTIONS = { fields: ['title', 'heading', 'text'], storeFields: ['title', 'heading'] }
const HOW = { prefix: true, fuzzy: 0.15, boost: { title: 3, heading: 2 }, combineWith: 'AND' }
const SHOWN = 12

const root = new URL('../', import.meta.url)
const input = document.querySelector('#search')
const results = document.querySelector('#results')

let index
const load = () => {
  index ??= fetch(new URL('assets/index.json', root))
    .then(answer => answer.text())
    .then(text => MiniSearch.loadJSON(text, OPTIONS))
  return index
}

function show(found) {
  const items = found.slice(0, SHOWN).map(({ id, title, heading }) => {
    const link = document.createElement('a')
    link.href = new URL(id, root).href
    link.textContent = heading || title
    const where = document.createElement('small')
    where.textContent = heading ? title : ''
    link.append(where)
    const item = document.createElement('li')
    item.append(link)
    return item
  })
  if (items.length === 0) {
    const item = document.createElement('li')
    item.textContent = 'Nothing found.'
    items.push(item)
  }
  results.replaceChildren(...items)
  results.hidden = false
}

async function search() {
  const wanted = input.value.trim()
  if (wanted === '') {
    results.hidden = true
    return
  }
  const loaded = await load()
  // The text may have changed while the index was read.
  if (input.value.trim() === wanted) show(loaded.search(wanted, HOW))
}

/** Arrow keys walk through the input and the links below it. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (event.key === 'Escape') results.hidden = true
  if (!step || results.hidden) return
  const stops = [input, ...results.querySelectorAll('a')]
  stops[stops.indexOf(document.activeElement) + step]?.focus()
  event.preventDefault()
}

input.addEventListener('focus', load)
input.addEventListener('input', search)
input.parentElement.addEventListener('keydown', walk)
document.addEventListener('click', event => {
  if (!input.parentElement.contains(event.target)) results.hidden = true
})
document.addEventListener('keydown', event => {
  if (event.key !== '/' || document.activeElement === input) return
  event.preventDefault()
  input.focus()
})
