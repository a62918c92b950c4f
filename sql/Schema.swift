/// The schema's migrations, embedded so that the program works from anywhere.
package enum Schema {
  /// File name and bytes, in order of number.
  package static let migrations: [(name: String, sql: [UInt8])] = [
    ("0001_tenancy.sql", PackageResources._001_tenancy_sql),
    ("0002_people.sql", PackageResources._002_people_sql),
    ("0003_ledger.sql", PackageResources._003_ledger_sql),
    ("0004_pairing.sql", PackageResources._004_pairing_sql),
    ("0005_activities.sql", PackageResources._005_activities_sql),
    ("0006_fund.sql", PackageResources._006_fund_sql),
    ("0007_closing.sql", PackageResources._007_closing_sql),
    ("0008_reconciliation.sql", PackageResources._008_reconciliation_sql),
    ("0009_goods.sql", PackageResources._009_goods_sql),
    ("0010_receipts.sql", PackageResources._010_receipts_sql),
    ("0011_payments.sql", PackageResources._011_payments_sql),
    ("0012_seals.sql", PackageResources._012_seals_sql),
    ("0013_donors.sql", PackageResources._013_donors_sql),
    ("0014_plans.sql", PackageResources._014_plans_sql),
    ("0015_cases.sql", PackageResources._015_cases_sql),
    ("0016_comparison.sql", PackageResources._016_comparison_sql),
    ("0017_rule_sets.sql", PackageResources._017_rule_sets_sql),
    ("0018_adjustment.sql", PackageResources._018_adjustment_sql),
    ("0019_revocation.sql", PackageResources._019_revocation_sql),
    ("0020_consent.sql", PackageResources._020_consent_sql),
    ("0021_reassessment.sql", PackageResources._021_reassessment_sql),
    ("0022_calendar.sql", PackageResources._022_calendar_sql),
    ("0023_match_consent.sql", PackageResources._023_match_consent_sql),
    ("0024_lifecycle.sql", PackageResources._024_lifecycle_sql),
    ("0025_proposals.sql", PackageResources._025_proposals_sql),
    ("0026_jobs.sql", PackageResources._026_jobs_sql),
    ("0027_letters.sql", PackageResources._027_letters_sql),
    ("0029_access.sql", PackageResources._029_access_sql),
  ]
}
