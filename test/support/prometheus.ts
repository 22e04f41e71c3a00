/** Pure: reads the text that Prometheus scrapes. */

/** The sum of a metric's samples that have these labels. */
export function sumOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const isWanted = (line: string) => wanted.every(pair => line.includes(`{${pair}`) || line.includes(`,${pair}`))
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter(isWanted)
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
