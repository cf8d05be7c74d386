/** A part of the report: a table and what there is to say about it. */
export type Section = {
  title: string
  header: readonly string[]
  rows: readonly (readonly string[])[]
  notes: readonly string[]
}

export type Facts = readonly (readonly [name: string, value: string])[]

/** The whole report as Markdown. */
export function report(
  sections: readonly Section[],
  facts: Facts,
  commands: ReadonlyMap<string, string>,
): string {
  const parts = [
    '# How fast zaas is',
    'Written by `bun run bench`. Noise between runs is large, within a round small: only the ratios mean something. A ratio is the median of the ratios of each round.',
    ...sections.map(sectionText),
    '## Where and with what',
    table(['', ''], facts),
    '## The commands',
    'The first of each kind; ports, folders and tags change.',
    `\`\`\`\n${Array.from(commands, ([kind, command]) => `# ${kind}\n${command}`).join('\n')}\n\`\`\``,
  ]
  return `${parts.join('\n\n')}\n`
}

export function sectionText({ title, header, rows, notes }: Section): string {
  const parts = [`## ${title}`, ...(rows.length > 0 ? [table(header, rows)] : []), ...notes]
  return parts.join('\n\n')
}

/** Columns line up, so that it reads well in a terminal too. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, n) =>
    Math.max(3, name.length, ...rows.map((row) => row[n]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, n) => (cells[n] ?? '').padEnd(width)).join(' | ')} |`
  return [
    line(header),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map(line),
  ].join('\n')
}
