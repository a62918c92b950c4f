package import Foundation

/// How long a job waits after a failed attempt.
package enum BackOff {
  /// Of the first wait, doubled from attempt to attempt.
  static let firstSeconds = 30
  static let longestSeconds = 6 * 3_600

  /// 30 s, 1 min, 2 min … at most 6 h, of which up to a half is left out: jobs that failed together
  /// do not come back together. The same job and attempt wait equally long.
  /// - Parameter attempt: that failed, from 1.
  package static func seconds(after attempt: Int, of job: UUID) -> Int {
    let whole = min(firstSeconds << min(attempt - 1, 20), longestSeconds)
    return whole - Int(draw(job, attempt) % UInt64(whole / 2))
  }

  /// splitmix64 over the job's id and the attempt.
  private static func draw(_ job: UUID, _ attempt: Int) -> UInt64 {
    var state = withUnsafeBytes(of: job.uuid) { bytes in
      bytes.loadUnaligned(as: UInt64.self)
        ^ bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }
    state &+= 0x9E37_79B9_7F4A_7C15 &* UInt64(attempt)
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    return state ^ (state >> 31)
  }
}
