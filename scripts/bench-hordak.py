"""Posts the same double entry through Django and django-hordak: the peer that scripts/bench compares
with. Prints posts a second.

    bench-hordak.py --host SOCKET_DIR --user USER --seconds 5 --clients 16 --accounts 1 --batch 1
"""

import argparse
import multiprocessing
import random
import time

import django
from django.conf import settings

options = argparse.ArgumentParser()
options.add_argument("--host", required=True)
options.add_argument("--user", required=True)
options.add_argument("--database", default="hordak")
options.add_argument("--seconds", type=int, default=5)
options.add_argument("--clients", type=int, default=16)
options.add_argument("--accounts", type=int, default=1)
options.add_argument("--batch", type=int, default=1)
options = options.parse_args()

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": options.host,
            "USER": options.user,
            "NAME": options.database,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "mptt",
        "hordak",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DEFAULT_CURRENCY="CNY",
    CURRENCIES=["CNY"],
    HORDAK_DEFAULT_CURRENCY="CNY",
    HORDAK_INTERNAL_CURRENCY="CNY",
    HORDAK_CURRENCIES=["CNY"],
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from hordak.models import Account, AccountType
from moneyed import Money


def post(until, seed, sources, funds, counts):
    """One client: moves 123.45 from a source to a fund until the time is up."""
    chance = random.Random(seed)
    sources = list(Account.objects.filter(pk__in=sources))
    funds = list(Account.objects.filter(pk__in=funds))
    count = 0
    while time.monotonic() < until:
        with transaction.atomic():
            for _ in range(options.batch):
                place = chance.randrange(len(funds))
                sources[place].transfer_to(funds[place], Money("123.45", "CNY"), description="gift")
        count += options.batch
    counts.put(count)


call_command("migrate", verbosity=0)
pairs = []
for number in range(options.accounts):
    source = Account.objects.create(name=f"source {number}", type=AccountType.income, currencies=["CNY"])
    fund = Account.objects.create(name=f"fund {number}", type=AccountType.asset, currencies=["CNY"])
    pairs.append((source.pk, fund.pk))
connection.close()
counts = multiprocessing.Queue()
until = time.monotonic() + options.seconds
clients = [
    multiprocessing.Process(
        target=post,
        args=(until, seed, [p[0] for p in pairs], [p[1] for p in pairs], counts),
    )
    for seed in range(options.clients)
]
for client in clients:
    client.start()
total = sum(counts.get() for _ in clients)
for client in clients:
    client.join()
print(total // options.seconds)
