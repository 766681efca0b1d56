"""Mails into a listener as fast as it takes them, from a process of its own.

python -m tests.bench.mail_load PORT MANY LINKS     # prints {"seconds": S}
"""

import json
import smtplib
import sys
import threading
import time
from email.message import EmailMessage


def send(port: int, numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", port) as link:
        for number in numbers:
            mail = EmailMessage()
            mail["From"], mail["To"] = f"citizen{number}@example.cn", "hotline@lanjiang.gov.cn"
            mail["Subject"], mail["Message-ID"] = "路灯坏了", f"<{number}@example.cn>"
            mail.set_content("望湖花园东门的路灯三天不亮了，希望尽快修好。")
            link.send_message(mail)


def main() -> None:
    port, many, links = (int(word) for word in sys.argv[1:])
    began = time.perf_counter()
    threads = [
        threading.Thread(target=send, args=(port, range(first, many, links))) for first in range(links)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - began}) + "\n")


if __name__ == "__main__":
    main()
