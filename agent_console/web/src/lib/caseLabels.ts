// 案件办理的词：环节、操作、岗位、消息与通话的结局。状态、渠道、紧急程度在 states.ts。
import type { IconName } from './icons'
import type { Look } from './states'

const label = (t: string, icon: IconName, c = ''): Look => ({ t, icon, c })
const unknown = (code: string): Look => label(code || '–', 'dots')

/** 不会再走动的状态：没有剩余时限。 */
export const ENDED_STATES = new Set(['closed', 'forced_close', 'merged', 'not_accepted', 'cancelled'])

/** 七个环节，键与接口的 stages[].key 相同。 */
export const STAGES: Record<string, string> = {
  collect: '信息收集',
  register: '案卷建立',
  dispatch: '任务派遣',
  handle: '任务处理',
  feedback: '处理反馈',
  check: '核查结案',
  evaluate: '综合评价',
}
/** 环节没有记下办理人时，写由谁来办。 */
export const STAGE_ACTORS: Record<string, string> = {
  collect: '座席',
  register: '受理员',
  dispatch: '派遣员',
  handle: '专业部门',
  feedback: '专业部门',
  check: '受理员',
  evaluate: '回访员',
}

export const ROLES: Record<string, string> = {
  agent: '座席',
  team_leader: '班长',
  supervisor: '值班长',
  acceptor: '受理员',
  dispatcher: '派遣员',
  department: '专业部门',
  follow_up: '回访员',
  admin: '管理员',
  citizen: '市民',
  system: '系统',
}
export const role = (code: string): string => ROLES[code] ?? code

export interface ActionLook extends Look {
  /** 按下之后会发生什么，写在对话框里。 */
  effect: string
}
const action = (t: string, icon: IconName, effect: string, c = ''): ActionLook => ({ t, icon, c, effect })

export const ACTIONS: Record<string, ActionLook> = {
  register_call: action('登记', 'phone-in', '', 'ok'),
  direct_answer: action('直接答复', 'chat', '当场答复，不派单。', 'ok'),
  submit: action('提交受理', 'send', '交给受理员立案，受理计时开始。'),
  merge: action('并单', 'merge', '并入主案，不再单独办理；主案的反映人加一。', 'warn'),
  send_verify: action('核实', 'search', '派给责任网格的监督员到现场看，受理计时暂停。'),
  verify_result: action('核实回复', 'eye', '写明属实、不属实还是无法核实，受理计时恢复。'),
  register_case: action('立案', 'check-c', '按立案条件定时限，转给派遣员。', 'ok'),
  reject: action('不立案', 'ban', '不再办理，市民会收到说明。', 'crit'),
  cancel: action('作废', 'x', '录错、测试或骚扰才作废；编号不再使用。', 'crit'),
  dispatch: action('派遣', 'send', '处置时限从现在起算，主办单位会收到通知。'),
  return_to_acceptor: action('退回受理员', 'left', '不归本级管或情况不清时退回，内容保留。'),
  assign: action('签收指派', 'check', '指派处置人，时限继续走。'),
  revoke_assign: action('撤销指派', 'swap', '收回给本单位重新指派，时限继续走。'),
  dept_return: action('退单', 'swap', '退回派遣员，处置计时暂停。理由会进入派遣准确率。', 'crit'),
  re_dispatch_same: action('维持原派', 'send', '仍由原单位办理，接着剩余时限走。'),
  re_dispatch_other: action('改派', 'swap', '换单位办理，时限重新起算；原派计为派遣不准。'),
  apply_extend: action('申请延期', 'clock', '等派遣员批准；最多批两次，到期后不能再申请。'),
  approve_extend: action('批准延期', 'check', '到期时间加一个原时限。'),
  suspend: action('挂账', 'pause-c', '暂时解决不了才挂账，一件只能一次，最长一年。', 'hold'),
  resume: action('恢复办理', 'play', '接着剩余时限走。'),
  supervise: action('督办', 'flag', '主办单位联系人会收到短信，须在答复日期前回复。', 'crit'),
  urge: action('催办', 'bell', '主办单位联系人会收到短信，催办次数加一。', 'warn'),
  feedback: action('处置完成', 'check', '写明怎么处理的；由本单位审核后反馈。', 'ok'),
  unit_reject: action('打回重办', 'left', '退给处置人，时限继续走。', 'crit'),
  unit_confirm: action('处理反馈', 'send', '处置时限到此为止，是否超时现在就定。', 'ok'),
  dispatcher_rework: action('返工', 'refresh', '退回原单位重办，返工次数加一。', 'crit'),
  forward_check: action('转受理员', 'right', '反馈齐全，交受理员核查结案。'),
  send_check: action('核查', 'target', '派监督员到现场看是否真的办好。'),
  check_pass: action('核查通过', 'check-c', '现场已办好，可以结案。', 'ok'),
  check_fail: action('核查不通过', 'octagon', '现场没有办好，受理员须返工。', 'crit'),
  rework: action('返工', 'refresh', '退给派遣员，预设原单位，返工次数加一。', 'crit'),
  close: action('结案', 'check-c', '市民会收到办理结果，并被问是否满意。', 'ok'),
  force_close: action('强制结案', 'lock', '不计入按期办结。理由会留痕。', 'crit'),
  follow_up: action('回访', 'callback', '记下市民是否满意、是否解决。', 'ok'),
  appeal: action('申诉', 'flag', '只有超时办结的能申诉，一件一次；通过后不计入超时。'),
  follow_up_reopen: action('重办', 'refresh', '市民说没解决：退回派遣，部门和座席会收到通知。', 'crit'),
}
export const actionLabel = (code: string): ActionLook => ACTIONS[code] ?? { ...unknown(code), effect: '' }

/** 发给市民的消息走到哪一步。 */
export const DELIVERIES: Record<string, Look> = {
  queued: label('等待发送', 'clock'),
  sending: label('发送中', 'send', 'info'),
  accepted: label('已发出', 'send', 'info'),
  delivered: label('送达', 'check', 'ok'),
  failed: label('没有送达', 'octagon', 'crit'),
  expired: label('超时未达', 'warn', 'warn'),
  unknown: label('回执不明', 'warn', 'warn'),
  received: label('市民发来', 'inbox', 'ok'),
}
export const delivery = (code: string): Look => DELIVERIES[code] ?? unknown(code)

/** 一通电话的结局。 */
export const OUTCOMES: Record<string, Look> = {
  served: label('已接听', 'phone-in', 'ok'),
  abandoned: label('排队中放弃', 'phone-missed', 'warn'),
  greeting: label('未进队列', 'phone-missed', 'busy'),
  timed_out: label('无人接听', 'phone-missed', 'crit'),
  message: label('留言', 'voice', 'info'),
  no_message: label('没有留言', 'phone-missed', 'busy'),
  callback: label('要求回拨', 'callback', 'info'),
  blocked: label('黑名单', 'ban', 'busy'),
  survey: label('自动回访', 'listen', 'info'),
}
export const outcome = (code: string): Look => OUTCOMES[code] ?? unknown(code)

/** 评价从哪里来。 */
export const VIA: Record<string, string> = { sms: '短信回复', call: '自动回访电话', person: '人工回访' }

/** 看过、听过、看号：每一次都留痕。 */
export const ACCESS: Record<string, string> = { view: '查看', reveal: '看完整号码', listen: '听录音', file: '看照片文件', export: '导出' }

/** 满意度 1 到 5，1 最好。 */
export const SCORES = ['', '非常满意', '满意', '基本满意', '不满意', '非常不满意']

/** 常用的理由，点一下填进去，还可以改。 */
export const REASONS: Record<string, readonly string[]> = {
  reject: ['不属本级管辖，已告知市民正确渠道', '现场核实不属实', '属司法、仲裁等法定途径'],
  cancel: ['录入错误', '测试', '骚扰来电'],
  return_to_acceptor: ['地点不清，请与市民核对', '不属本级管辖', '分类不对'],
  dept_return: ['不属本单位职责', '地点不清，现场找不到', '产权单位不是我们'],
  apply_extend: ['等配件到货', '需要开挖审批', '天气原因不能施工'],
  suspend: ['需列入年度计划', '等产权单位确认'],
  unit_reject: ['结果写得不清', '现场没有办完'],
  dispatcher_rework: ['反馈没有答到市民的诉求', '没有写处理结果'],
  check_fail: ['现场没有处理', '处理了一部分', '又出现同样问题'],
  rework: ['核查不通过', '市民说没有解决'],
  follow_up_reopen: ['市民说没有解决', '只解决了一部分'],
  force_close: ['客观上无法解决，已向市民说明', '重复案件，主案已办结'],
  appeal: ['等上级审批，不是本单位原因', '市民约定的时间在期限之后'],
}
