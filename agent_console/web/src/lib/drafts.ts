// 草稿：每次改动 300 毫秒内落在本机，再由页面每 10 秒送服务器。刷新、断网、换电脑都不丢字。
export interface Stored<T> {
  key: string
  at: number
  synced: boolean // 服务器已有这一版
  body: T
}

const PAUSE_MS = 300

export class DraftBox<T> {
  private timers = new Map<string, ReturnType<typeof setTimeout>>()
  private waiting = new Map<string, () => void>()

  /** `owner` 进键名：同一台电脑换人登录，各看各的。 */
  constructor(
    private readonly owner: string,
    private readonly storage: Storage = localStorage,
    private readonly now: () => number = Date.now,
  ) {}

  private name = (key: string) => `hotline.draft.${this.owner}.${key}`

  save(key: string, body: T): void {
    const write = () => this.write({ key, at: this.now(), synced: false, body })
    this.waiting.set(key, write)
    if (this.timers.has(key)) return
    this.timers.set(key, setTimeout(() => this.flush(key), PAUSE_MS))
  }

  /** 页面要关、要换表单时，把还没写的立刻写下。 */
  flush(key: string): void {
    clearTimeout(this.timers.get(key))
    this.timers.delete(key)
    this.waiting.get(key)?.()
    this.waiting.delete(key)
  }

  flushAll(): void {
    for (const key of [...this.waiting.keys()]) this.flush(key)
  }

  load(key: string): Stored<T> | null {
    this.flush(key)
    return this.read(this.name(key))
  }

  markSynced(key: string, at: number): void {
    const stored = this.load(key)
    if (stored && stored.at <= at) this.write({ ...stored, synced: true })
  }

  drop(key: string): void {
    this.waiting.delete(key)
    clearTimeout(this.timers.get(key))
    this.timers.delete(key)
    this.storage.removeItem(this.name(key))
  }

  all(): Stored<T>[] {
    this.flushAll()
    const names = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? '')
    return names
      .filter((name) => name.startsWith(this.name('')))
      .map((name) => this.read(name))
      .filter((stored) => stored !== null)
  }

  private write(stored: Stored<T>): void {
    this.storage.setItem(this.name(stored.key), JSON.stringify(stored))
  }

  private read(name: string): Stored<T> | null {
    try {
      return JSON.parse(this.storage.getItem(name) ?? 'null')
    } catch {
      return null
    }
  }
}
