import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { root } from './process.ts'

export type Selector = { name: string; matchers: { label: string; op: string; value: string }[] }

type Rules = { groups: { rules: { alert: string; expr: string }[] }[] }
type Dashboard = {
  panels: { title: string; targets: { expr: string }[] }[]
  templating: { list: { type: string; query: string | { query: string } }[] }
}

const rules = Bun.YAML.parse(await Bun.file(join(root, 'deploy/alerts.yaml')).text()) as Rules
const dashboard: Dashboard = await Bun.file(join(root, 'deploy/grafana-dashboard.json')).json()

/** The queries of the alert rules: their names and expressions. */
export const alertQueries = rules.groups.flatMap((group) =>
  group.rules.map(({ alert, expr }) => ({ name: alert, expr })),
)

/** The queries of the dashboard, with what Grafana puts in for its variables. */
export const dashboardQueries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => ({
    name: title,
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$namespace', '.+'),
  })),
)

/** Which label of which metric fills each variable of the dashboard. */
export const dashboardVariables = dashboard.templating.list
  .filter(({ type }) => type === 'query')
  .map(({ query }) => {
    const text = typeof query === 'string' ? query : query.query
    const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(text) ?? []
    return { metric, label }
  })

/** The series that an expression asks for. Throws for one that is not PromQL. */
export function selectorsOf(expr: string): Selector[] {
  const selectors: Selector[] = []
  const matchers: { label: string; op: string; value: string }[] = []
  const text = ({ from, to }: { from: number; to: number }) => expr.slice(from, to)
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`This is not PromQL at ${node.from}: ${expr}`)
      if (node.name === 'UnquotedLabelMatcher') {
        const [label = '', op = '', value = ''] = childrenOf(node.node).map(text)
        matchers.push({ label, op, value: value.slice(1, -1) })
      }
    },
    leave(node) {
      if (node.name !== 'VectorSelector') return
      const name = node.node.getChild('Identifier')
      selectors.push({ name: name ? text(name) : '', matchers: matchers.splice(0) })
    },
  })
  return selectors
}

/** What an expression compares, numbers left out: an alert has no series until it fires, these have. */
export function operandsOf(expr: string): string[] {
  const operands = (node: Node): string[] => {
    const children = childrenOf(node)
    const [left, op, right] = [children[0], children[1], children.at(-1)]
    const compares = op && ['==', '>', '<', 'and'].includes(expr.slice(op.from, op.to))
    if (node.name === 'PromQL' && left) return operands(left)
    if (compares && left && right) return [...operands(left), ...operands(right)]
    return node.name === 'NumberDurationLiteral' ? [] : [expr.slice(node.from, node.to)]
  }
  return operands(parser.parse(expr).topNode)
}

type Node = ReturnType<typeof parser.parse>['topNode']

function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child)
  return children
}
