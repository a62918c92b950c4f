import Postgres

/// The ledger against itself, and the records that stand on it.
enum LedgerChecks {
  static let all: [Check] = [
    Check(
      "ledger.semesters",
      Text("每个账户每学期的发生额等于其各笔收支之和", "an account's semester equals its transfers"),
      """
      with side as (
        select debit_account as account_id, semester, sum(amount_fen) as debits, 0 as credits
        from transfer where district_id = $1
        group by debit_account, semester
        union all
        select credit_account, semester, 0, sum(amount_fen)
        from transfer where district_id = $1
        group by credit_account, semester
      ), moved as (
        select account_id, semester, sum(debits) as debits, sum(credits) as credits
        from side
        group by account_id, semester
      )
      select 'account ' || coalesce(m.account_id, s.account_id) || ' semester '
          || coalesce(m.semester, s.semester),
        (coalesce(m.credits, 0) - coalesce(m.debits, 0))::int8,
        coalesce(s.credits - s.debits, 0)::int8
      from moved m
      full join (select * from account_semester where district_id = $1) as s
        on s.account_id = m.account_id and s.semester = m.semester
      where (coalesce(m.debits, 0), coalesce(m.credits, 0))
        <> (coalesce(s.debits, 0), coalesce(s.credits, 0))
      order by 1
      """),
    Check(
      "ledger.accounts",
      Text("每个账户的累计等于其各学期之和", "an account equals its semesters"),
      """
      select 'account ' || a.id, coalesce(sum(s.credits - s.debits), 0)::int8,
        (a.credits - a.debits)::int8
      from account a
      left join account_semester s
        on s.district_id = a.district_id and s.account_id = a.id
      where a.district_id = $1
      group by a.district_id, a.id
      having (coalesce(sum(s.debits), 0), coalesce(sum(s.credits), 0)) <> (a.debits, a.credits)
      order by 1
      """),
    Check(
      "ledger.balance",
      Text("基金余额不低于已批准未支付的金额", "no fund has less than is approved and unpaid"),
      """
      select 'fund ' || a.fund_id, a.held, a.credits - a.debits from account a
      where a.district_id = $1 and a.kind = 'balance' and a.credits - a.debits < a.held
      order by 1
      """),
    Check(
      "ledger.reversals",
      Text("冲回金额等于各笔冲回之和，且不超过原金额", "what was taken back equals its transfers, within the original"),
      """
      with back as (
        select r.reverses as transfer_id,
          sum(
            case r.kind when 'reinstatement' then -r.amount_fen when 'change_of_use' then 0
              else r.amount_fen end
          ) as reversed,
          sum(case r.kind when 'change_of_use' then r.amount_fen else 0 end) as moved
        from transfer r where r.district_id = $1 and r.reverses is not null
        group by r.reverses
      )
      select 'transfer ' || coalesce(b.transfer_id, s.transfer_id),
        (coalesce(b.reversed, 0) + coalesce(b.moved, 0))::int8,
        coalesce(s.reversed_fen + s.moved_fen, 0)::int8
      from back b
      full join (select * from transfer_reversed where district_id = $1) as s
        on s.transfer_id = b.transfer_id
      left join transfer o on o.district_id = $1 and o.id = s.transfer_id
      where (coalesce(b.reversed, 0), coalesce(b.moved, 0))
          <> (coalesce(s.reversed_fen, 0), coalesce(s.moved_fen, 0))
        or s.amount_fen <> o.amount_fen
      order by 1
      """),
    Check(
      "ledger.dates",
      Text("每笔收支的日期在其学期之内", "a transfer's day lies in its semester"),
      """
      select 'transfer ' || t.id, t.semester::int8, null::int8
      from transfer t
      join semester s on s.district_id = t.district_id and s.semester = t.semester
      where t.district_id = $1 and t.occurred_on not between s.starts_on and s.ends_on
      order by 1
      """),
    Check(
      "ledger.one_fund",
      Text("没有一笔收支连接两个基金", "no transfer connects two funds"),
      """
      select 'transfer ' || t.id, 0::int8, 1::int8
      from account a
      join transfer t on t.district_id = a.district_id and t.debit_account = a.id
      where a.district_id = $1 and a.fund_id <> t.fund_id
      union all
      select 'transfer ' || t.id, 0::int8, 1::int8
      from account a
      join transfer t on t.district_id = a.district_id and t.credit_account = a.id
      where a.district_id = $1 and a.fund_id <> t.fund_id
      order by 1
      """),
    Check(
      "budget.spent",
      Text("预算的已支出等于各用途的发生额", "what a budget spent equals the fund's uses"),
      """
      with used as (
        select s.fund_id, s.semester, sum(s.credits - s.debits) as fen
        from account_semester s
        join account a on a.district_id = s.district_id and a.id = s.account_id
        where s.district_id = $1 and a.kind = 'use'
        group by s.fund_id, s.semester
      )
      select 'fund ' || coalesce(u.fund_id, b.fund_id) || ' semester '
          || coalesce(u.semester, b.semester),
        coalesce(u.fen, 0)::int8, coalesce(b.spent_fen, 0)
      from used u
      full join (select * from budget where district_id = $1) as b
        on b.fund_id = u.fund_id and b.semester = u.semester
      where coalesce(u.fen, 0) <> coalesce(b.spent_fen, 0)
      order by 1
      """),
    Check(
      "budget.committed",
      Text("预算的已批准未支付等于基金冻结的金额", "what budgets committed equals what the fund holds"),
      """
      select 'fund ' || a.fund_id, a.held, coalesce(sum(b.committed_fen), 0)::int8
      from account a
      left join budget b on b.district_id = a.district_id and b.fund_id = a.fund_id
      where a.district_id = $1 and a.kind = 'balance'
      group by a.fund_id, a.held
      having a.held <> coalesce(sum(b.committed_fen), 0)
      order by 1
      """),
    Check(
      "giving.donations",
      Text("每笔捐款都有等额的入账", "a donation has a transfer of its amount and fund"),
      """
      select 'donation ' || g.id, g.amount_fen, t.amount_fen
      from donation g
      left join transfer t on t.district_id = g.district_id and t.id = g.transfer_id
      where g.district_id = $1 and (
        t.id is null or t.kind <> 'donation' or t.amount_fen <> g.amount_fen
        or t.fund_id <> g.fund_id or t.source_id <> g.id
      )
      union all
      select 'transfer ' || t.id, 1::int8, 0::int8
      from transfer t
      where t.district_id = $1 and t.kind = 'donation' and not exists (
        select from donation g where g.district_id = $1 and g.id = t.source_id
      )
      order by 1
      """),
    Check(
      "commitments.received",
      Text("各期资助款的到账等于其收款之和", "an instalment's money equals its receipts"),
      """
      select 'instalment ' || i.id, coalesce(sum(c.amount_fen - coalesce(r.reversed_fen, 0)), 0)::int8,
        i.received_fen
      from instalment i
      left join instalment_receipt c
        on c.district_id = i.district_id and c.instalment_id = i.id
      left join transfer_reversed r
        on r.district_id = c.district_id and r.transfer_id = c.transfer_id
      where i.district_id = $1
      group by i.district_id, i.id
      having i.received_fen <> coalesce(sum(c.amount_fen - coalesce(r.reversed_fen, 0)), 0)
      order by 1
      """),
    Check(
      "commitments.receipts",
      Text("每次收款都有等额的入账", "a receipt of an instalment has a transfer of its amount"),
      """
      select 'receipt ' || c.id, c.amount_fen, t.amount_fen
      from instalment_receipt c
      left join transfer t on t.district_id = c.district_id and t.id = c.transfer_id
      where c.district_id = $1 and (
        t.id is null or t.kind <> 'instalment' or t.amount_fen <> c.amount_fen
        or t.source_id <> c.id
      )
      order by 1
      """),
    Check(
      "fund.changes",
      Text("改变用途的转出与转入相等", "a change of use takes out what it brings in"),
      """
      select 'change ' || c.id, c.amount_fen, i.amount_fen
      from change_of_use c
      join transfer o on o.district_id = c.district_id and o.id = c.out_transfer
      join transfer i on i.district_id = c.district_id and i.id = c.in_transfer
      where c.district_id = $1 and (
        o.amount_fen <> c.amount_fen or i.amount_fen <> c.amount_fen
        or o.fund_id <> c.from_fund or i.fund_id <> c.to_fund
      )
      order by 1
      """),
    Check(
      "closing.balances",
      Text("结账固定的余额等于账面", "the balances of a closing equal the books"),
      """
      select 'account ' || b.account_id || ' semester ' || c.semester,
        coalesce(sum(s.credits - s.debits), 0)::int8, b.closing_fen
      from semester_closing c
      join closing_balance b on b.district_id = c.district_id and b.closing_id = c.id
      left join account_semester s
        on s.district_id = b.district_id and s.account_id = b.account_id
        and s.semester <= c.semester
      where c.district_id = $1 and c.in_force
      group by b.account_id, c.semester, b.closing_fen
      having b.closing_fen <> coalesce(sum(s.credits - s.debits), 0)
      order by 1
      """),
  ]
}
