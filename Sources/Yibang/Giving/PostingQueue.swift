import Foundation
import Postgres

/// Postings into one fund, which wait for each other anyway since each locks the fund's balance until it
/// is on disk: those that come while one is under way go out together after it, in one transaction. Nobody
/// waits longer for it, and many share one flush to disk.
final class PostingQueue: Sendable {
  /// One transaction has one confinement.
  private struct Lane: Hashable {
    let fund: UUID
    let settings: [String]
  }

  /// A statement that says with one row whether it booked anything.
  private struct Posting: Sendable {
    let statement: Bound
    let isIdempotent: Bool
    let waiting: CheckedContinuation<Bool, any Error>
  }

  private static let lock: SQL = "select ledger_lock($1)"

  private let gathering = Gathering<Lane, Posting>(most: 32)

  /// Runs the statement, which posts in `fund` alone.
  /// - Returns: whether its `count(*)` is 1.
  /// - Throws: as `Database.batch`, what concerns this statement alone.
  func post(
    _ statement: Bound, fund: UUID, idempotent: Bool, in context: Context
  ) async throws -> Bool {
    let lane = Lane(fund: fund, settings: context.settings.map { "\($0)=\($1)" })
    return try await withCheckedThrowingContinuation { waiting in
      gathering.add(
        Posting(statement: statement, isIdempotent: idempotent, waiting: waiting), to: lane
      ) { await self.run($0, fund, context) }
    }
  }

  private func run(_ postings: [Posting], _ fund: UUID, _ context: Context) async {
    do {
      let booked = try await send(postings, fund, context)
      for (posting, isBooked) in zip(postings, booked) {
        posting.waiting.resume(returning: isBooked)
      }
    } catch {
      guard postings.count > 1, Self.isRefusal(error) else {
        for posting in postings { posting.waiting.resume(throwing: error) }
        return
      }
      // One of them was refused, and nothing of any is booked: each by itself, so that it alone fails.
      for posting in postings { await run([posting], fund, context) }
    }
  }

  /// The accounts are locked first where several postings of one transaction follow, each of which locks
  /// its own in order: so none waits for another transaction that waits for it.
  private func send(
    _ postings: [Posting], _ fund: UUID, _ context: Context
  ) async throws -> [Bool] {
    let first = postings.count > 1 ? [Bound(Self.lock, [fund])] : []
    return try await context.platform.database.batch(
      settings: context.settings, idempotent: postings.allSatisfy(\.isIdempotent),
      first + postings.map(\.statement)
    ) { results in try results.dropFirst(first.count).map { try $0.first?.get(0) == 1 } }
  }

  /// Whether the server refused, so that the transaction is surely undone.
  private static func isRefusal(_ error: any Error) -> Bool {
    switch error as? PostgresError {
    case .connection, .queueFull, .closed, .decoding, nil: false
    default: true
    }
  }
}
