// 六要素：缺哪一项，就提示追问哪一句。
export interface Element {
  key: string
  t: string
  ask: string
}

export const ELEMENTS: Element[] = [
  { key: 'when', t: '时间', ask: '这是什么时候发生的？' },
  { key: 'where', t: '地点', ask: '具体在哪里？旁边有什么明显的楼或路口？' },
  { key: 'what', t: '事由', ask: '是什么情况？现在怎么样了？' },
  { key: 'who', t: '当事人', ask: '涉及哪个单位或什么人？' },
  { key: 'claim', t: '诉求', ask: '您希望我们怎么处理？' },
  { key: 'evidence', t: '佐证', ask: '有没有照片、票据或车牌号？' },
]
