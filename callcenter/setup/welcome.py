"""What the person at the terminal reads when everything is up: addresses, accounts, what to try."""

from rich.console import Console
from rich.table import Table

from callcenter.config import Settings
from callcenter.setup.accounts import Account, demo_accounts

TRY_NEXT = (
    (
        "用 1027 登录坐席台，点「签入」「示闲」，再用软电话呼 12345。",
        "Sign in as 1027, go ready, and call 12345 from any SIP phone: {sip}",
    ),
    (
        "边听边记：输入诉求时看类别、紧急程度、地点的建议，按一个键采纳。",
        "Type the complaint and accept the suggested category, urgency and place with one key.",
    ),
    (
        "换部门账号办理派下来的案件，办结后在「手机模拟」看市民收到的短信。",
        "Handle the case as the department, then see the citizen's texts in the phone simulator.",
    ),
    (
        "用班长账号打开大屏，点任何数字看它背后的电话和案件。",
        "Open the wallboard as team leader; every figure opens the calls behind it.",
    ),
)


def welcome(settings: Settings, console: Console) -> None:
    """Print the three tables. Passwords are shown in demo mode only."""
    console.print()
    console.print(addresses(settings))
    accounts = demo_accounts(settings.state_dir) if settings.demo else []
    if accounts:
        console.print(account_table(accounts))
    console.print(next_steps(settings))
    console.print("  Ctrl+C 停止 / ends everything that was started here.\n", highlight=False)


def addresses(settings: Settings) -> Table:
    """Where everything is."""
    base = f"http://{settings.console.host}:{settings.console.port}"
    table = Table("地址 Addresses", "", title="市民热线已启动  The hotline is running", title_justify="left")
    table.add_row("坐席台 Console", base)
    table.add_row("大屏 Wallboard", f"{base}/wall")
    if settings.demo:
        table.add_row("手机模拟 Phone simulator", f"{base}/simulator")
    table.add_row("接口文档 API", f"{base}/openapi.json")
    table.add_row("电话 Call by SIP", sip_address(settings))
    return table


def account_table(accounts: list[Account]) -> Table:
    """Demo accounts with their passwords."""
    table = Table(
        "角色 Role",
        "姓名 Name",
        "账号 User",
        "密码 Password",
        title="演示账号  Demo accounts",
        title_justify="left",
    )
    for account in accounts:
        table.add_row(account.role, account.name, account.username, account.password)
    return table


def next_steps(settings: Settings) -> Table:
    table = Table("试一试 What to try next", title_justify="left", show_lines=True)
    for chinese, english in TRY_NEXT:
        table.add_row(f"{chinese}\n[dim]{english.format(sip=sip_address(settings))}[/]")
    return table


def sip_address(settings: Settings) -> str:
    return f"sip:{settings.numbers[0]}@{settings.sip.host}:{settings.sip.port}"
