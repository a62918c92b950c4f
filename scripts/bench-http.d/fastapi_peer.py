"""The peer with FastAPI and asyncpg: the same two operations over the same requests, in SQL by hand.

PGHOST, PGUSER and PGDATABASE name the database; POOL the connections of this process.
"""

import contextlib
import datetime
import hashlib
import os
import time
import uuid
from typing import Annotated

import asyncpg
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

FIND_TOKEN = """
    select t.user_id, t.scope from access_token t
    join app_user u on u.id = t.user_id
    where t.token_sha256 = $1 and t.revoked_at is null and t.expires_at > now()
      and u.disabled_at is null
"""
CLAIM_KEY = """
    insert into idempotency (user_id, key, request_sha256, donation_id) values ($1, $2, $3, $4)
    on conflict do nothing
"""
FIND_KEY = "select request_sha256, donation_id from idempotency where user_id = $1 and key = $2"
# What the words of the request mean.
FIND_PLACES = """
    select s.id as school, m.code as semester, m.is_open, f.id as fund, b.id as balance,
      o.id as source, d.id as donor
    from school s
    join semester m on $2::date between m.starts_on and m.ends_on
    join fund f on f.school_id = s.id and f.kind = 'general'
    join account b on b.fund_id = f.id and b.kind = 'balance'
    join account o on o.fund_id = f.id and o.kind = 'source' and o.label = $3
    left join donor d on d.school_id = s.id and d.kind = $3 and d.name = $4
    where s.code = $1
"""
ADD_DONOR = """
    insert into donor (id, school_id, kind, name) values ($1, $2, $3, $4)
    on conflict (school_id, kind, name) do nothing
"""
FIND_DONOR = "select id from donor where school_id = $1 and kind = $2 and name = $3"
# The accounts are locked in the order of their ids; the transfer, both balances, the donation and the
# audit row are one statement.
POST = """
    with locked as materialized (
      select id from account where id in ($1, $2) order by id for no key update
    ), posted as (
      insert into transfer (
        id, debit_account, credit_account, amount_fen, semester, occurred_on, actor_id
      )
      select $3, $1, $2, $4, $5, $6, $7 where (select count(*) from locked) = 2
      returning id
    ), moved as (
      update account a
      set debits = a.debits + case when a.id = $1 then $4::bigint else 0 end,
        credits = a.credits + case when a.id = $2 then $4::bigint else 0 end
      from locked l, posted
      where a.id = l.id
      returning a.id
    ), by_semester as (
      insert into account_semester as s (account_id, semester, debits, credits)
      select id, $5, case when id = $1 then $4::bigint else 0 end,
        case when id = $2 then $4::bigint else 0 end
      from moved
      on conflict (account_id, semester) do update
      set debits = s.debits + excluded.debits, credits = s.credits + excluded.credits
    ), gift as (
      insert into donation (
        id, school_id, donor_id, fund_id, transfer_id, semester, amount_fen, received_on, method
      )
      select $8, $9, $10, $11, $3, $5, $4, $6, $12 from posted
      returning id
    )
    insert into audit (id, actor_id, action, subject_id, after)
    select $13, $7, 'donation.record', id,
      jsonb_build_object('amount_fen', $4::bigint, 'fund', $11::uuid, 'donor', $10::uuid)
    from gift
"""
STATEMENT = """
    select f.id, f.kind as fund_kind, f.name as fund_name, s.code, s.name as school, a.kind, a.label,
      coalesce(sum(m.credits - m.debits) filter (where m.semester < $2), 0)::bigint as before,
      coalesce(sum(m.credits - m.debits) filter (where m.semester = $2), 0)::bigint as during
    from fund f
    join school s on s.id = f.school_id
    left join account a on a.fund_id = f.id
    left join account_semester m on m.account_id = a.id and m.semester <= $2
    where s.code = $1
    group by f.id, f.kind, f.name, s.code, s.name, a.kind, a.label
    order by f.kind, f.id, a.kind, a.label
"""


class Amount(BaseModel):
    fen: int = Field(gt=0)


class Donor(BaseModel):
    name: str = Field(min_length=1)
    kind: str = "individual"


class NewDonation(BaseModel):
    school: str
    amount: Amount
    donor: Donor
    date: datetime.date
    method: str = "unknown"


@contextlib.asynccontextmanager
async def lifespan(app):
    async def keep(_connection):
        """Nothing here leaves anything behind on a connection, so nothing is reset: a round trip less."""

    size = int(os.environ.get("POOL", "16"))
    async with asyncpg.create_pool(min_size=size, max_size=size, reset=keep) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


async def connection(request: Request):
    async with request.app.state.pool.acquire() as connection:
        yield connection


Connection = Annotated[asyncpg.Connection, Depends(connection)]


async def actor(connection, authorization, permission):
    """Who the token is of, if it may do this."""
    scheme, _, token = (authorization or "").partition(" ")
    row = None
    if scheme.lower() == "bearer":
        row = await connection.fetchrow(FIND_TOKEN, hashlib.sha256(token.encode()).digest())
    if row is None:
        raise HTTPException(401)
    if permission not in row["scope"]:
        raise HTTPException(403)
    return row["user_id"]


def new_id():
    """A UUID that grows with time, as version 7 does."""
    return uuid.UUID(int=(time.time_ns() // 1_000_000) << 80 | 7 << 76 | 2 << 62 | uuid.uuid4().int & (1 << 62) - 1)


def money(fen):
    return {"fen": fen, "text": f"¥{fen // 100:,}.{fen % 100:02}"}


@app.post("/api/v1/donations", status_code=201)
async def record(
    given: NewDonation,
    connection: Connection,
    authorization: Annotated[str | None, Header()] = None,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
):
    user = await actor(connection, authorization, "record_donations")
    if not idempotency_key:
        raise HTTPException(400)
    if given.date > datetime.date.today():
        raise HTTPException(422)
    digest = hashlib.sha256(given.model_dump_json().encode()).digest()
    gift = new_id()
    async with connection.transaction():
        places = await connection.fetchrow(
            FIND_PLACES, given.school, given.date, given.donor.kind, given.donor.name
        )
        if places is None:
            raise HTTPException(404)
        if not places["is_open"]:
            raise HTTPException(409)
        claimed = await connection.execute(CLAIM_KEY, user, idempotency_key, digest, gift)
        if claimed == "INSERT 0 1":
            donor = places["donor"]
            if donor is None:
                named = (places["school"], given.donor.kind, given.donor.name)
                await connection.execute(ADD_DONOR, new_id(), *named)
                donor = await connection.fetchval(FIND_DONOR, *named)
            await connection.execute(
                POST, places["source"], places["balance"], new_id(), given.amount.fen, places["semester"],
                given.date, user, gift, places["school"], donor, places["fund"], given.method, new_id(),
            )  # fmt: skip
        else:
            earlier = await connection.fetchrow(FIND_KEY, user, idempotency_key)
            if earlier["request_sha256"] != digest:
                raise HTTPException(422)
            gift = earlier["donation_id"]
    return JSONResponse(
        {"id": str(gift), "amount": money(given.amount.fen), "semester": places["semester"]}, 201
    )


@app.get("/api/v1/funds")
async def funds(
    school: str,
    semester: str,
    connection: Connection,
    authorization: Annotated[str | None, Header()] = None,
):
    await actor(connection, authorization, "read")
    items = {}
    for row in await connection.fetch(STATEMENT, school, semester):
        item = items.setdefault(
            row["id"],
            {
                "fund_id": str(row["id"]), "kind": row["fund_kind"], "name": row["fund_name"],
                "school_code": row["code"], "school_name": row["school"],
                "opening": money(0), "income": [], "spending": [], "closing": money(0),
            },
        )  # fmt: skip
        if row["kind"] == "balance":
            item["opening"] = money(row["before"])
            item["closing"] = money(row["before"] + row["during"])
        elif row["during"]:
            side = "income" if row["kind"] == "source" else "spending"
            item[side].append({"label": row["label"], "amount": money(abs(row["during"]))})
    return JSONResponse({"items": list(items.values())})
