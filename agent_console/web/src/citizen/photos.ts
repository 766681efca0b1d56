// 照片：先在手机里缩到 2048 像素（连同定位信息一起去掉），再上传；断网可以重试。
import { reactive } from 'vue'
import { sentence } from './api'

export const MAX_PHOTOS = 6
const SIDE = 2048
const THUMB = 240
const KEPT_MS = 23 * 3_600_000 // 服务器给没提交的照片留一天

export interface Photo {
  key: number
  id: string // 上传后服务器给的
  thumb: string // 小图，能跟草稿一起存
  state: 'sending' | 'done' | 'failed'
  trouble: string
  at: number
}

let last = Date.now()

async function drawn(file: Blob, side: number): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, side / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  return canvas
}
const asJpeg = (canvas: HTMLCanvasElement) => new Promise<Blob>((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('no blob'))), 'image/jpeg', 0.85))

/** 一组照片；`send` 把缩好的送到服务器，返回编号。 */
export class Photos {
  readonly list = reactive<Photo[]>([])
  private readonly files = new Map<number, Blob>()

  constructor(
    private readonly send: (content: Blob) => Promise<{ id: string }>,
    readonly most = MAX_PHOTOS,
  ) {}

  restore(kept: Photo[]): void {
    const fresh = kept.filter((photo) => photo.state === 'done' && photo.at > Date.now() - KEPT_MS)
    this.list.splice(0, this.list.length, ...fresh)
  }

  /** 放不下的不收，返回一句话；'' = 都收下了。 */
  async add(files: Iterable<File>): Promise<string> {
    const chosen = [...files]
    const room = this.most - this.list.length
    for (const file of chosen.slice(0, room)) await this.one(file)
    return chosen.length > room ? `最多 ${this.most} 张，多出的 ${chosen.length - Math.max(0, room)} 张没有添加。` : ''
  }

  private async one(file: File): Promise<void> {
    this.list.push({ key: ++last, id: '', thumb: '', state: 'sending', trouble: '', at: Date.now() })
    const photo = this.list.at(-1)!
    try {
      const small = await asJpeg(await drawn(file, SIDE))
      photo.thumb = (await drawn(small, THUMB)).toDataURL('image/jpeg', 0.7)
      this.files.set(photo.key, small)
    } catch {
      Object.assign(photo, { state: 'failed', trouble: '打不开这个文件，请换一张照片。' })
      return
    }
    void this.upload(photo)
  }

  retry(photo: Photo): void {
    if (this.files.has(photo.key)) void this.upload(photo)
  }
  mayRetry = (photo: Photo) => photo.state === 'failed' && this.files.has(photo.key)

  retryAll(): void {
    for (const photo of this.list) if (this.mayRetry(photo)) void this.upload(photo)
  }

  private async upload(photo: Photo): Promise<void> {
    Object.assign(photo, { state: 'sending', trouble: '' })
    try {
      photo.id = (await this.send(this.files.get(photo.key)!)).id
      photo.state = 'done'
      this.files.delete(photo.key)
    } catch (error) {
      Object.assign(photo, { state: 'failed', trouble: sentence(error) })
    }
  }

  remove(photo: Photo): void {
    this.list.splice(this.list.indexOf(photo), 1)
    this.files.delete(photo.key)
  }
  clear(): void {
    this.list.splice(0)
    this.files.clear()
  }

  get ids(): string[] {
    return this.list.filter((photo) => photo.state === 'done').map((photo) => photo.id)
  }
  get busy(): boolean {
    return this.list.some((photo) => photo.state === 'sending')
  }
  get failed(): boolean {
    return this.list.some((photo) => photo.state === 'failed')
  }
}
