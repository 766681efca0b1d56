"""What the demo city's inbox begins with: texts that seats send often, answers that the machine may give."""

from callcenter.domain.sending import CannedText
from callcenter.usecases import answers
from callcenter.usecases.context import Context

TEXTS = (
    (
        "已受理告知",
        "{name}您好，{seat}号座席为您服务。您反映的情况已登记，编号{number}，办理结果会在这里告诉您。",
    ),
    ("请补充地点", "请问具体在什么位置？写路名、门牌或小区名都可以，也可以直接发送位置。"),
    ("请补充照片", "方便的话请拍一张现场照片发给我们，请先确保安全。"),
    ("请补充车牌", "请问能看清车牌吗？方便的话请把车牌号或照片发给我们。"),
    ("何时答复", "承办单位会在规定时限内处理{place}的问题，编号{number}，您可以随时回“查”看进度。"),
    ("请拨紧急电话", "这是紧急情况，请立即拨打110、119或120，我们同时为您通知相关单位。"),
    ("结束语", "感谢您的反映，祝您生活愉快。有新情况请随时写给我们。"),
)
# seats' scripts are not among them: these are written for citizens
ANSWERS = ("permit", "social", "firm")


async def fill(context: Context) -> None:
    async with context.uow() as uow:
        for position, (title, text) in enumerate(TEXTS, start=1):
            await uow.sending.keep_canned(CannedText(context.ids.new(), position, title, text))
        await uow.rules.set(answers.APPROVED, " ".join(ANSWERS))
        await uow.commit()
