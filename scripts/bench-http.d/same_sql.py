"""Writes pgbench scripts of the very statements that the server sends for one request.

Sends the same donation some times, each with a key of its own, and then reads the fund statement as
often, from a server whose PostgreSQL logs every statement with its parameters, and reads the log. What
differs from request to request is made anew in the script: UUIDs that grow with time, as the server's
do, the key, and the time. All transactions of a request go out in one pipeline, which is the least that
their SQL can cost.

    same_sql.py --url URL --log postgres.log --psql PSQL --into FOLDER

FOLDER gets all.sql for a donation, and to tell what each costs: without-token.sql, without-audit.sql;
and funds.sql. Prints how many statements and transactions a donation and a reading are.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import urllib.request

options = argparse.ArgumentParser()
options.add_argument("--url", required=True)
options.add_argument("--log", required=True)
options.add_argument("--psql", required=True)
options.add_argument("--into", required=True)
options = options.parse_args()

DONATION = {
    "school": "2199000001",
    "amount": {"fen": 12345},
    "donor": {"name": "测试有限公司", "kind": "company"},
    "date": "2025-11-20",
    "method": "transfer",
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def mark(number):
    """A statement in the log between two requests."""
    subprocess.run([options.psql, "-qAtc", f"select 'mark {number}'"], check=True, capture_output=True)


def send(path, headers, body=None):
    headers = {"Authorization": "Bearer " + os.environ["TOKEN"], **headers}
    with urllib.request.urlopen(urllib.request.Request(options.url + path, body, headers)) as answer:
        assert answer.status in (200, 201), answer.status


def give(number):
    key = f"same-sql-{os.getpid()}-{number}"
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    send("/api/v1/donations", headers, json.dumps(DONATION).encode())


def read(number):
    """Under another address each time, so that no answer comes from memory."""
    school = "".join(f"%3{digit}" if number >> place & 1 else digit for place, digit in enumerate("2199000001"))
    send(f"/api/v1/funds?semester=2025-2026-1&school={school}", {})


def entries(text):
    """The log's entries: process, severity, text; lines after the first begin with a tab."""
    start = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[(\d+)\] (\w+):  (.*)")
    entry = None
    for line in text.splitlines():
        if found := start.match(line):
            if entry:
                yield entry
            entry = [int(found[1]), found[2], found[3]]
        elif entry:
            entry[2] += "\n" + line.removeprefix("\t")
    if entry:
        yield entry


def requests(text):
    """Of each request its transactions: lists of a statement and its parameters."""
    found, transactions, running, last = [], None, {}, None
    for process, severity, message in entries(text):
        if severity == "DETAIL" and last is not None:
            pairs = re.findall(r"\$(\d+) = (NULL|'(?:[^']|'')*')", message)
            last[1] = {int(number): value for number, value in pairs}
        last = None
        if severity != "LOG":
            continue
        if re.match(r"statement: select 'mark \d+'", message):
            if transactions is not None:
                found.append(transactions)
            transactions, running = [], {}
        elif sql := re.match(r"execute \S+: (.*)", message, re.DOTALL):
            last = [sql[1].strip(), {}]
            word = last[0].split()[0].lower()
            if word == "begin" and transactions is not None:
                running[process] = []
                transactions.append(running[process])
            if process in running:
                running[process].append(last)
            if word in ("commit", "rollback"):
                running.pop(process, None)
    return found


def texts(request):
    return tuple(sql for transaction in request for sql, _ in transaction)


def literal(value, fresh, kinds):
    """A parameter of one request as SQL. `fresh`: it was another one in another request."""
    if value == "NULL":
        return "null"
    text = value[1:-1]
    if UUID.fullmatch(text):
        if not fresh:
            return f"{value}::uuid"
        kind = kinds.setdefault(text, len(kinds) + 1)
        return f"(lpad(to_hex(:n::bigint * 64 + :client_id), 12, '0') || '7000800000000000000{kind}')::uuid"
    if TIME.match(text):
        return "now()" if fresh else f"{value}::timestamptz"
    # A transaction's number, or several.
    if re.fullmatch(r"-?\d+|\{.*\}", text):
        return value
    if fresh:
        return "('b' || :n || '-' || :client_id)"
    if text.startswith("\\x"):
        return f"{value}::bytea"
    if DATE.fullmatch(text):
        return f"{value}::date"
    return value


def script(one, other):
    """One pipeline of the transactions; `other` is another request of the same statements."""
    kinds = {}
    lines = ["\\set n :n + 1", "\\startpipeline"]
    for transaction, twin in zip(one, other):
        for (sql, parameters), (_, others) in zip(transaction, twin):
            for number in sorted(parameters, reverse=True):
                value = parameters[number]
                text = literal(value, value != others.get(number), kinds)
                sql = sql.replace(f"${number}", text)
            lines.append(sql + ";")
    lines.append("\\endpipeline")
    text = "\n".join(lines) + "\n"
    # pgbench would take it for a variable of its own.
    strange = set(re.findall(r"(?<!:):(\w+)", text)) - {"n", "client_id"}
    assert not strange, strange
    return text


def without_token(request):
    kept = [t for t in request if not any("access_token" in sql for sql, _ in t)]
    assert len(kept) < len(request), "no request reads a token"
    return kept


def without_audit(request):
    """The same without the statement, or the part of one, that writes the audit row."""
    removed = 0
    kept = []
    for transaction in request:
        statements = []
        for sql, parameters in transaction:
            if sql.startswith("insert into audit"):
                removed += 1
                continue
            if part := re.search(r",\s*\w+ as \(\s*insert into audit\b", sql):
                depth, end = 0, part.start()
                while end < len(sql):
                    depth += {"(": 1, ")": -1}.get(sql[end], 0)
                    end += 1
                    if depth == 0 and sql[end - 1] == ")":
                        break
                sql = sql[: part.start()] + sql[end:]
                removed += 1
            statements.append([sql, parameters])
        kept.append(statements)
    assert removed, "no request writes an audit row"
    return kept


def seen(request):
    """Two of the requests, as the log shows them."""
    offset = os.path.getsize(options.log)
    mark(0)
    for number in range(1, 11):
        request(number)
        mark(number)
    with open(options.log, encoding="utf-8") as log:
        log.seek(offset)
        found = requests(log.read())
    # The first puts the donor on record, and background work comes in between: what most did is it.
    usual, times = collections.Counter(texts(r) for r in found).most_common(1)[0]
    assert times >= 5, f"only {times} of {len(found)} requests did the same"
    return [r for r in found if texts(r) == usual][:2]


def write(name, one, other):
    with open(f"{options.into}/{name}.sql", "w", encoding="utf-8") as file:
        file.write(script(one, other))


def main():
    gift, twin = seen(give)
    write("all", gift, twin)
    write("without-token", without_token(gift), without_token(twin))
    write("without-audit", without_audit(gift), without_audit(twin))
    reading, again = seen(read)
    write("funds", reading, again)
    print(len(texts(gift)), len(gift), len(texts(reading)), len(reading))


main()
