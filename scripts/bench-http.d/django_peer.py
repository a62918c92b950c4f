"""The peer with Django and django-hordak: the same two operations over the same requests.

PGHOST, PGUSER and PGDATABASE name the database. Run as a program it makes the tables and what a
donation needs, with the token of TOKEN; `--check` prints keys, donations, their sum, and what the
fund's account holds, in fen.
"""

import datetime
import decimal
import hashlib
import json
import os
import sys

import django
from django.conf import settings

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PGHOST"],
            "USER": os.environ["PGUSER"],
            "NAME": os.environ["PGDATABASE"],
            # A connection of its own for each thread, kept.
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak", "gifts"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DEFAULT_CURRENCY="CNY",
    CURRENCIES=["CNY"],
    HORDAK_DEFAULT_CURRENCY="CNY",
    HORDAK_INTERNAL_CURRENCY="CNY",
    HORDAK_CURRENCIES=["CNY"],
    USE_TZ=True,
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=[],
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from gifts.models import AccessToken, Audit, Donation, Donor, Fund, Idempotency, School, Semester, User
from hordak.models import Account, AccountType, Leg
from moneyed import Money


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


def answering(view):
    def answer(request):
        try:
            return view(request)
        except Refused as refused:
            return HttpResponse(status=refused.status)

    return answer


def actor(request, permission):
    """Who the token is of, if it may do this."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer":
        found = (
            AccessToken.objects.select_related("user")
            .filter(
                token_sha256=hashlib.sha256(token.encode()).digest(),
                revoked_at=None,
                expires_at__gt=timezone.now(),
                user__disabled_at=None,
            )
            .first()
        )
    if found is None:
        raise Refused(401)
    if permission not in found.scope:
        raise Refused(403)
    return found.user


def money(fen):
    return {"fen": fen, "text": f"¥{fen // 100:,}.{fen % 100:02}"}


def fen(amount):
    return int((amount or 0) * 100)


def record(request, user):
    try:
        given = json.loads(request.body)
        amount = given["amount"]["fen"]
        day = datetime.date.fromisoformat(given["date"])
        name, kind = given["donor"]["name"], given["donor"]["kind"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(422) from error
    key = request.headers.get("Idempotency-Key")
    if not key or not isinstance(amount, int) or amount <= 0 or day > datetime.date.today():
        raise Refused(422)
    digest = hashlib.sha256(request.body).digest()
    with transaction.atomic():
        try:
            with transaction.atomic():
                claim = Idempotency.objects.create(user=user, key=key, request_sha256=digest)
        except IntegrityError as error:
            earlier = Idempotency.objects.select_related("donation").get(user=user, key=key)
            if bytes(earlier.request_sha256) != digest:
                raise Refused(422) from error
            return earlier.donation
        fund = (
            Fund.objects.select_related("school", "balance", "source")
            .filter(school__code=given["school"], kind="general")
            .first()
        )
        semester = Semester.objects.filter(starts_on__lte=day, ends_on__gte=day).first()
        if fund is None or semester is None:
            raise Refused(404)
        if not semester.is_open:
            raise Refused(409)
        donor, _ = Donor.objects.get_or_create(school=fund.school, kind=kind, name=name)
        moved = fund.source.transfer_to(
            fund.balance, Money(decimal.Decimal(amount) / 100, "CNY"), date=day, description="donation"
        )
        gift = Donation.objects.create(
            school=fund.school,
            donor=donor,
            fund=fund,
            transaction=moved,
            semester=semester,
            amount_fen=amount,
            received_on=day,
            method=given.get("method", "unknown"),
        )
        claim.donation = gift
        claim.save(update_fields=["donation"])
        after = {"amount_fen": amount, "fund": fund.pk, "donor": donor.pk}
        Audit.objects.create(actor=user, action="donation.record", subject=gift, after=after)
    return gift


@answering
def donations(request):
    if request.method != "POST":
        raise Refused(405)
    gift = record(request, actor(request, "record_donations"))
    return JsonResponse(
        {"id": gift.pk, "amount": money(gift.amount_fen), "semester": gift.semester_id}, status=201
    )


@answering
def funds(request):
    actor(request, "read")
    semester = Semester.objects.filter(code=request.GET.get("semester")).first()
    if semester is None:
        raise Refused(404)
    found = list(Fund.objects.select_related("school").filter(school__code=request.GET.get("school")))
    accounts = [account for fund in found for account in (fund.balance_id, fund.source_id)]
    before = Q(transaction__date__lt=semester.starts_on)
    # One pass over the legs, which is how hordak knows a balance.
    sums = {
        row["account"]: row
        for row in Leg.objects.filter(account__in=accounts, transaction__date__lte=semester.ends_on)
        .values("account")
        .annotate(
            debit_before=Sum("debit", filter=before),
            credit_before=Sum("credit", filter=before),
            debit=Sum("debit", filter=~before),
            credit=Sum("credit", filter=~before),
        )
    }
    items = []
    for fund in found:
        balance, source = sums.get(fund.balance_id, {}), sums.get(fund.source_id, {})
        opening = fen(balance.get("debit_before")) - fen(balance.get("credit_before"))
        income, spending = fen(source.get("credit")), fen(balance.get("credit"))
        items.append(
            {
                "fund_id": fund.pk,
                "kind": fund.kind,
                "name": fund.name,
                "school_code": fund.school.code,
                "school_name": fund.school.name,
                "opening": money(opening),
                "income": [{"label": "company", "amount": money(income)}],
                "spending": [{"label": "all", "amount": money(spending)}] if spending else [],
                "closing": money(opening + fen(balance.get("debit")) - spending),
            }
        )
    return JsonResponse({"items": items})


urlpatterns = [path("api/v1/donations", donations), path("api/v1/funds", funds)]
application = get_wsgi_application()


def prepare():
    from django.core.management import call_command

    # The tables of gifts refer to those of hordak, which has migrations.
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    user = User.objects.create(login="root")
    AccessToken.objects.create(
        token_sha256=hashlib.sha256(os.environ["TOKEN"].encode()).digest(),
        user=user,
        scope=["record_donations", "read"],
        expires_at=timezone.now() + datetime.timedelta(days=90),
    )
    school = School.objects.create(code="2199000001", name="测量学校")
    Semester.objects.create(
        code="2025-2026-1",
        starts_on=datetime.date(2025, 8, 1),
        ends_on=datetime.date(2026, 1, 31),
        is_open=True,
    )
    source = Account.objects.create(name="company", type=AccountType.income, currencies=["CNY"])
    balance = Account.objects.create(name="爱心基金", type=AccountType.asset, currencies=["CNY"])
    Fund.objects.create(school=school, kind="general", name="爱心基金", balance=balance, source=source)


def check():
    totals = Donation.objects.aggregate(sum=Sum("amount_fen"))
    balance = Fund.objects.get().balance.legs.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    held = fen(balance["debit"]) - fen(balance["credit"])
    print(Idempotency.objects.count(), Donation.objects.count(), totals["sum"] or 0, held)


if __name__ == "__main__":
    # As a program this module is __main__; gunicorn imports it by its name.
    check() if "--check" in sys.argv else prepare()
