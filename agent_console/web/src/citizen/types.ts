// 只取类型，不进市民页面的包。
export type { CitizenCity, CitizenHints, CitizenReportIn, ClassHint, PhotoOut, ProgressOut, RatingIn, Receipt, SaidIn, SpotHint, SpotOut, TalkOut, TicketIn, WithdrawnOut } from '@/api/types'
