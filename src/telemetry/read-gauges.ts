/**
 * Pure: gauges that are read when somebody asks for the metrics, such as those of each store. They are written line by line
 * into the text that Prometheus scrapes, so that nothing of them is in memory twice, and nothing stays.
 */

/** One value of a gauge. */
export interface Sample {
  labels: Record<string, string>
  value: number
}

/** What each of them tells. */
const READ_GAUGES = {
  store_ready: '1 while the store is Ready, otherwise 0. Absent while it is suspended, as nobody looks at it.',
  connector_ready: '1 while the connector is Ready, otherwise 0. Absent while it is suspended, as nobody looks at it.',
  credentials_expire_timestamp_seconds: 'When the first credentials of the store end. Absent where none end.',
  credentials_refresh_due_timestamp_seconds:
    'When the first credentials of the store should have been replaced by. Absent where none end.',
  usage_bytes: 'Bytes in the store when it was last measured.',
  usage_objects: 'Objects in the store when it was last measured.',
  objects: 'Stores and connectors by the status and the reason of their Ready condition.',
  credentials_refresh_overdue_seconds:
    'By how much the credentials are late that wait longest for their replacement; 0 when none are late.',
  watched_namespace_read:
    'Whether what is in a namespace of --watch-namespaces is known. Absent where all namespaces are watched.',
  sessions_open: 'Sessions with object stores that are open, one for each connector.',
  breakers_open: 'Endpoints that do not answer, so that calls to them fail at once.',
  crd_outdated: '1 while the installed CRD lacks what this operator knows, otherwise 0. Absent while it is unknown.',
}

/**
 * What was read of such gauges, by their name without its prefix: to be gone through once, at once. A gauge that is
 * absent has no values.
 */
export type Readings = Partial<Record<keyof typeof READ_GAUGES, Iterable<Sample>>>

const PIECE_BYTES = 64 * 1024

/** The text of all gauges, in pieces. */
export function textOf(readings: Readings, prefix: string): Buffer[] {
  const pieces: Buffer[] = []
  let piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  let end = 0
  for (const line of linesOf(readings, prefix)) {
    // A character takes three bytes at most, and lines are shorter than a piece: names have at most 253 characters.
    if (end + line.length * 3 > piece.length) {
      pieces.push(piece.subarray(0, end))
      piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, line.length * 3))
      end = 0
    }
    end += piece.write(line, end)
  }
  return [...pieces, piece.subarray(0, end)]
}

function* linesOf(readings: Readings, prefix: string): Generator<string> {
  for (const [key, help] of Object.entries(READ_GAUGES)) {
    const name = `${prefix}${key}`
    yield `\n# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
    for (const { labels, value } of readings[key as keyof Readings] ?? []) {
      yield `${name}${labelsOf(labels)} ${value}\n`
    }
  }
}

function labelsOf(labels: Sample['labels']): string {
  let text = ''
  for (const name in labels) text += `${text && ','}${name}="${escaped(labels[name] ?? '')}"`
  return text && `{${text}}`
}

const escaped = (value: string): string =>
  /[\\\n"]/.test(value) ? value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n') : value
