// The schema's migrations, embedded so that the program works from anywhere.
#include "migrations.h"

static const unsigned char m0001[] = {
#embed "migrations/0001_tenancy.sql"
};
static const unsigned char m0002[] = {
#embed "migrations/0002_people.sql"
};
static const unsigned char m0003[] = {
#embed "migrations/0003_ledger.sql"
};
static const unsigned char m0004[] = {
#embed "migrations/0004_pairing.sql"
};
static const unsigned char m0005[] = {
#embed "migrations/0005_activities.sql"
};
static const unsigned char m0006[] = {
#embed "migrations/0006_fund.sql"
};
static const unsigned char m0007[] = {
#embed "migrations/0007_closing.sql"
};
static const unsigned char m0008[] = {
#embed "migrations/0008_reconciliation.sql"
};
static const unsigned char m0009[] = {
#embed "migrations/0009_goods.sql"
};
static const unsigned char m0010[] = {
#embed "migrations/0010_receipts.sql"
};
static const unsigned char m0011[] = {
#embed "migrations/0011_payments.sql"
};
static const unsigned char m0012[] = {
#embed "migrations/0012_seals.sql"
};
static const unsigned char m0013[] = {
#embed "migrations/0013_donors.sql"
};
static const unsigned char m0014[] = {
#embed "migrations/0014_plans.sql"
};
static const unsigned char m0015[] = {
#embed "migrations/0015_cases.sql"
};
static const unsigned char m0016[] = {
#embed "migrations/0016_comparison.sql"
};
static const unsigned char m0017[] = {
#embed "migrations/0017_rule_sets.sql"
};
static const unsigned char m0018[] = {
#embed "migrations/0018_adjustment.sql"
};
static const unsigned char m0019[] = {
#embed "migrations/0019_revocation.sql"
};
static const unsigned char m0020[] = {
#embed "migrations/0020_consent.sql"
};
static const unsigned char m0021[] = {
#embed "migrations/0021_reassessment.sql"
};
static const unsigned char m0022[] = {
#embed "migrations/0022_calendar.sql"
};
static const unsigned char m0023[] = {
#embed "migrations/0023_match_consent.sql"
};
static const unsigned char m0024[] = {
#embed "migrations/0024_lifecycle.sql"
};
static const unsigned char m0025[] = {
#embed "migrations/0025_proposals.sql"
};
static const unsigned char m0026[] = {
#embed "migrations/0026_jobs.sql"
};
static const unsigned char m0027[] = {
#embed "migrations/0027_letters.sql"
};
static const unsigned char m0028[] = {
#embed "migrations/0028_requests.sql"
};
static const unsigned char m0029[] = {
#embed "migrations/0029_planning.sql"
};
static const unsigned char m0030[] = {
#embed "migrations/0030_dates_and_statements.sql"
};
static const unsigned char m0031[] = {
#embed "migrations/0031_access.sql"
};
static const unsigned char m0032[] = {
#embed "migrations/0032_policies.sql"
};
static const unsigned char m0033[] = {
#embed "migrations/0033_pages_of_money.sql"
};
static const unsigned char m0034[] = {
#embed "migrations/0034_pages_of_people.sql"
};
static const unsigned char m0035[] = {
#embed "migrations/0035_lock_order.sql"
};
static const unsigned char m0036[] = {
#embed "migrations/0036_events.sql"
};
static const unsigned char m0037[] = {
#embed "migrations/0037_own_letters.sql"
};
static const unsigned char m0038[] = {
#embed "migrations/0038_audit_chain.sql"
};
static const unsigned char m0039[] = {
#embed "migrations/0039_privacy.sql"
};
static const unsigned char m0040[] = {
#embed "migrations/0040_role_policies.sql"
};
static const unsigned char m0041[] = {
#embed "migrations/0041_sealed_grounds.sql"
};

static const struct migration all[] = {
    {"0001_tenancy.sql", m0001, sizeof m0001},
    {"0002_people.sql", m0002, sizeof m0002},
    {"0003_ledger.sql", m0003, sizeof m0003},
    {"0004_pairing.sql", m0004, sizeof m0004},
    {"0005_activities.sql", m0005, sizeof m0005},
    {"0006_fund.sql", m0006, sizeof m0006},
    {"0007_closing.sql", m0007, sizeof m0007},
    {"0008_reconciliation.sql", m0008, sizeof m0008},
    {"0009_goods.sql", m0009, sizeof m0009},
    {"0010_receipts.sql", m0010, sizeof m0010},
    {"0011_payments.sql", m0011, sizeof m0011},
    {"0012_seals.sql", m0012, sizeof m0012},
    {"0013_donors.sql", m0013, sizeof m0013},
    {"0014_plans.sql", m0014, sizeof m0014},
    {"0015_cases.sql", m0015, sizeof m0015},
    {"0016_comparison.sql", m0016, sizeof m0016},
    {"0017_rule_sets.sql", m0017, sizeof m0017},
    {"0018_adjustment.sql", m0018, sizeof m0018},
    {"0019_revocation.sql", m0019, sizeof m0019},
    {"0020_consent.sql", m0020, sizeof m0020},
    {"0021_reassessment.sql", m0021, sizeof m0021},
    {"0022_calendar.sql", m0022, sizeof m0022},
    {"0023_match_consent.sql", m0023, sizeof m0023},
    {"0024_lifecycle.sql", m0024, sizeof m0024},
    {"0025_proposals.sql", m0025, sizeof m0025},
    {"0026_jobs.sql", m0026, sizeof m0026},
    {"0027_letters.sql", m0027, sizeof m0027},
    {"0028_requests.sql", m0028, sizeof m0028},
    {"0029_planning.sql", m0029, sizeof m0029},
    {"0030_dates_and_statements.sql", m0030, sizeof m0030},
    {"0031_access.sql", m0031, sizeof m0031},
    {"0032_policies.sql", m0032, sizeof m0032},
    {"0033_pages_of_money.sql", m0033, sizeof m0033},
    {"0034_pages_of_people.sql", m0034, sizeof m0034},
    {"0035_lock_order.sql", m0035, sizeof m0035},
    {"0036_events.sql", m0036, sizeof m0036},
    {"0037_own_letters.sql", m0037, sizeof m0037},
    {"0038_audit_chain.sql", m0038, sizeof m0038},
    {"0039_privacy.sql", m0039, sizeof m0039},
    {"0040_role_policies.sql", m0040, sizeof m0040},
    {"0041_sealed_grounds.sql", m0041, sizeof m0041},
};

const struct migration *migrations(size_t *count) {
  *count = sizeof all / sizeof all[0];
  return all;
}
