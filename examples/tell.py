#!/usr/bin/env python3
"""Tell a chat what dreamq did: one event on standard input becomes one message.

    dreamq watch --on 'done=examples/tell.py wecom' --on 'failed=examples/tell.py wecom'

The service is one of the words below; where to send it is in TELL_URL, or in the file that
TELL_URL_FILE names (mode 0600: whoever has the URL can write to the chat).

    wecom     https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=...
    feishu    https://open.feishu.cn/open-apis/bot/v2/hook/...        (TELL_SECRET signs)
    dingtalk  https://oapi.dingtalk.com/robot/send?access_token=...   (TELL_SECRET signs)
    telegram  https://api.telegram.org/botTOKEN/sendMessage           (TELL_CHAT: its id)
    ntfy      https://ntfy.sh/TOPIC

Exit status 0: the service has taken it. Else it is tried again, three times in all, and what
it said goes to standard error, without the URL.
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

TRIES = 3
WORDS = {"done": "完成", "failed": "失败", "stored": "已保存", "login": "需要新的 cookie", "disk": "磁盘已满"}


def words(event, name):
    """The message: what, which task, and what of it."""
    lines = [f"dreamq: {name} {WORDS.get(name, '')}".rstrip()]
    if event.get("submit_id"):
        lines.append(event["submit_id"])
    if event.get("prompt"):
        lines.append(event["prompt"][:200])
    if (event.get("fail") or {}).get("message"):
        lines.append(f"{event['fail']['code']}: {event['fail']['message']}")
    if event.get("message"):
        lines.append(event["message"])
    lines += [file["path"] for file in [event, *event.get("assets", [])] if file.get("path")]
    return "\n".join(lines)


def signature(key, text):
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def wecom(url, text):
    return url, {"msgtype": "text", "text": {"content": text}}


def feishu(url, text):
    body = {"msg_type": "text", "content": {"text": text}}
    secret = os.environ.get("TELL_SECRET")
    if secret:
        now = str(int(time.time()))
        body.update(timestamp=now, sign=signature(f"{now}\n{secret}", ""))
    return url, body


def dingtalk(url, text):
    secret = os.environ.get("TELL_SECRET")
    if secret:
        now = str(int(time.time() * 1000))
        sign = urllib.parse.quote_plus(signature(secret, f"{now}\n{secret}"))
        url += f"&timestamp={now}&sign={sign}"
    return url, {"msgtype": "text", "text": {"content": text}}


def telegram(url, text):
    return url, {"chat_id": os.environ.get("TELL_CHAT", ""), "text": text}


def ntfy(url, text):
    return url, text


SERVICES = {"wecom": wecom, "feishu": feishu, "dingtalk": dingtalk, "telegram": telegram, "ntfy": ntfy}


def is_taken(answer):
    """Some say 200, and in the body that they did not."""
    try:
        said = json.loads(answer)
    except ValueError:
        return True
    return not isinstance(said, dict) or (
        not said.get("errcode") and not said.get("code") and said.get("ok", True))


def send(url, body):
    is_text = isinstance(body, str)
    data = (body if is_text else json.dumps(body, ensure_ascii=False)).encode()
    kind = "text/plain; charset=utf-8" if is_text else "application/json"
    request = urllib.request.Request(url, data, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            text = answer.read(10000).decode(errors="replace")
        return None if is_taken(text) else text
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except OSError as error:
        return str(getattr(error, "reason", error))


def where():
    path = os.environ.get("TELL_URL_FILE")
    if path:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    return os.environ.get("TELL_URL", "")


def main():
    service = SERVICES.get(sys.argv[1] if len(sys.argv) == 2 else "")
    url = where()
    if not service or not url:
        sys.exit(__doc__)
    event = json.loads(sys.stdin.readline())
    text = words(event, os.environ.get("DREAMQ_EVENT") or event.get("what") or event["event"])
    why = None
    for attempt in range(TRIES):
        if attempt:
            time.sleep(2 ** attempt)
        why = send(*service(url, text))
        if why is None:
            return
    sys.exit(f"{sys.argv[1]} does not take it: {why}")


if __name__ == "__main__":
    main()
