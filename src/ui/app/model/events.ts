/** Pure: reads a stream of server-sent events, as it comes in pieces. */

/** The most characters that one event may have: more than a snapshot of 20,000 stores. */
const MAX_EVENT = 256 * 1024 * 1024

/** Takes the next piece of text, and returns the data of the events that are complete with it. Throws on one without an end. */
export function eventReader(): (piece: string) => string[] {
  // Pieces are kept apart until a line ends: a text that grows by each piece would be copied as often.
  let pieces: string[] = []
  let size = 0
  let data: string[] = []
  return piece => {
    size += piece.length
    if (size > MAX_EVENT) throw new RangeError('the server sent an event without an end')
    if (!piece.includes('\n')) {
      pieces.push(piece)
      return []
    }
    const lines = [...pieces, piece].join('').split('\n')
    pieces = [lines.pop() ?? '']
    size = pieces[0]?.length ?? 0
    const events: string[] = []
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
      if (line === '' && data.length > 0) {
        events.push(data.join('\n'))
        data = []
      }
    }
    return events
  }
}
