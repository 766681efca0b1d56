// 导出 CSV：给 Excel 打开，所以带 BOM，并挡住以 = + - @ 开头的单元格被当作公式。

const FORMULA = /^[=+\-@\t\r]/

function cell(value: unknown): string {
  const raw = value == null ? '' : String(value)
  const safe = typeof value === 'string' && FORMULA.test(raw) ? `'${raw}` : raw
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function toCsv(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

export function saveCsv(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}
