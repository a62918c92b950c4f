from django.db import models


class User(models.Model):
    login = models.CharField(max_length=80, unique=True)
    disabled_at = models.DateTimeField(null=True)


class AccessToken(models.Model):
    token_sha256 = models.BinaryField(max_length=32, primary_key=True)
    user = models.ForeignKey(User, models.PROTECT)
    scope = models.JSONField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class School(models.Model):
    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=80)


class Semester(models.Model):
    code = models.CharField(max_length=11, primary_key=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    is_open = models.BooleanField()


class Fund(models.Model):
    school = models.ForeignKey(School, models.PROTECT)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    balance = models.ForeignKey("hordak.Account", models.PROTECT, related_name="+")
    source = models.ForeignKey("hordak.Account", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "kind"], name="fund_of_school")]


class Donor(models.Model):
    school = models.ForeignKey(School, models.PROTECT)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "kind", "name"], name="donor_once")]


class Donation(models.Model):
    school = models.ForeignKey(School, models.PROTECT)
    donor = models.ForeignKey(Donor, models.PROTECT)
    fund = models.ForeignKey(Fund, models.PROTECT)
    transaction = models.OneToOneField("hordak.Transaction", models.PROTECT)
    semester = models.ForeignKey(Semester, models.PROTECT)
    amount_fen = models.BigIntegerField()
    received_on = models.DateField()
    method = models.CharField(max_length=10)
    recorded_at = models.DateTimeField(auto_now_add=True)


class Idempotency(models.Model):
    user = models.ForeignKey(User, models.PROTECT)
    key = models.CharField(max_length=200)
    request_sha256 = models.BinaryField(max_length=32)
    donation = models.ForeignKey(Donation, models.PROTECT, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="key_once")]


class Audit(models.Model):
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, models.PROTECT)
    action = models.CharField(max_length=40)
    subject = models.ForeignKey(Donation, models.PROTECT)
    after = models.JSONField()
