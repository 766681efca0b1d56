import { expect, it } from 'vitest'
import { toCsv } from './csv'

it('quotes commas, quotes and line breaks', () => {
  expect(toCsv(['编号', '标题'], [['1', '他说"塌了",请来\n看']])).toBe('\uFEFF编号,标题\r\n1,"他说""塌了"",请来\n看"\r\n')
})
it('keeps a spreadsheet from running a citizen\'s text as a formula', () => {
  expect(toCsv(['t'], [['=HYPERLINK("x")'], [-5]])).toBe('\uFEFFt\r\n"\'=HYPERLINK(""x"")"\r\n-5\r\n')
})
