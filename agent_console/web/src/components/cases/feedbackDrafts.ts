// 处置反馈的草稿留在这台手机：断网、关页都不丢，提交成功才删。
const PREFIX = 'dept-feedback:'

export const readFeedback = (number: string): string => localStorage.getItem(PREFIX + number) ?? ''

export function keepFeedback(number: string, text: string): void {
  if (text.trim()) localStorage.setItem(PREFIX + number, text)
  else localStorage.removeItem(PREFIX + number)
}

export const feedbackCount = (): number => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).length
