package import FoundationEssentials
import Glibc
import Synchronization

/// The last time and counter given out: milliseconds since 1970 in the upper 52 bits, a counter in
/// the lower 12. Read as one number it only ever grows.
private let lastTimeAndCounter = Atomic<UInt64>(0)

extension UUID {
  /// A new version 7 UUID (RFC 9562): ordered by time, and within this process strictly ascending
  /// over all threads. More than 4,096 in one millisecond run ahead of the clock.
  package static func v7() -> UUID {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let milliseconds = UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
    let fresh = milliseconds << 12
    var last = lastTimeAndCounter.load(ordering: .relaxed)
    var next: UInt64
    while true {
      next = max(last + 1, fresh)
      let (exchanged, original) = lastTimeAndCounter.weakCompareExchange(
        expected: last, desired: next, ordering: .relaxed)
      if exchanged { break }
      last = original
    }
    let time = next >> 12
    let counter = next & 0xFFF
    let high = (time << 16) | 0x7000 | counter
    let low = (UInt64.random(in: 0...UInt64.max) >> 2) | 0x8000_0000_0000_0000
    var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    withUnsafeMutableBytes(of: &bytes) { buffer in
      buffer.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      buffer.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return UUID(uuid: bytes)
  }
}
