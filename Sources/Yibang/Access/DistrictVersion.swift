import Foundation
import Postgres

/// What a district's records were at a moment: while two are equal, nothing was written between them, and
/// what was read after the first is still so. Every write leaves an entry in the trail, in its own
/// transaction, so the trail tells.
package struct DistrictVersion: Sendable, Hashable, Comparable {
  private let count: UInt64

  package static func < (left: DistrictVersion, right: DistrictVersion) -> Bool {
    left.count < right.count
  }

  /// What the database was seen to be, to be compared with what it is next.
  struct State: Sendable {
    let version: DistrictVersion
    /// Differs in a restored database, whose transactions are counted anew.
    private let epoch: UUID
    /// Differs in a server that was started again, or another one that took its place.
    private let started: PostgresTimestamp
    /// Transactions from this one on had not begun.
    private let end: Int64
    /// Those below that had not ended.
    private let running: [Int64]

    // $1 district, $2 end, $3 running, of the state before. In the order of an index, so that no plan reads
    // more than an entry for each transaction that is asked for, however many there are since it was made.
    private static let look: SQL = """
      select d.feed_epoch, pg_postmaster_start_time(), pg_snapshot_xmax(s.taken)::text::int8,
        array(select x::text::int8 from pg_snapshot_xip(s.taken) as x),
        coalesce(
          (
            select a.xact from audit a where a.district_id = $1
            order by a.xact desc, a.id desc limit 1
          ) >= $2, false
        )
        or exists (
          select from unnest($3::int8[]) as r (xact)
          where r.xact = (
            select a.xact from audit a where a.district_id = $1 and a.xact <= r.xact
            order by a.xact desc, a.id desc limit 1
          )
        )
      from district d, (select pg_current_snapshot() as taken) as s
      where d.district_id = $1
      """

    static func look(_ district: String, since known: State?) -> Bound {
      Bound(look, district, known?.end ?? 0, known?.running ?? [])
    }

    init(_ row: Row, since known: State?) throws {
      epoch = try row.get(0)
      started = try row.get(1)
      end = try row.get(2)
      running = try row.get(3)
      let hasChanged: Bool = try row.get(4)
      guard let known else {
        version = DistrictVersion(count: 0)
        return
      }
      let isSame =
        !hasChanged && known.epoch == epoch && known.started == started && known.end <= end
      version = DistrictVersion(count: known.version.count + (isSame ? 0 : 1))
    }
  }
}
