import Foundation
import HardshipRecognition
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Quality of targeting")
struct TargetingTests {
  @Test(
    "small cells are withheld, and so that they cannot be worked out from the total",
    arguments: [
      ([10, 8, 7], [10, 8, 7], false),
      ([10, 0, 7], [10, 0, 7], false),
      ([10, 8, 3], [nil, 8, nil], false),
      ([10, 4, 3], [10, nil, nil], false),
      ([10, 1, 1], [nil, nil, nil], false),
      ([1, 1, 0], [nil, nil, 0], true),
      ([3, 0, 0], [nil, 0, 0], true),
      ([0, 0, 0], [0, 0, 0], false),
    ] as [([Int], [Int?], Bool)])
  func smallCells(cells: [Int], shown: [Int?], hidesTotal: Bool) {
    let result = SmallCells.withhold(cells)
    #expect(result.cells == shown)
    #expect(result.hidesTotal == hidesTotal)
  }

  @Test("whatever the counts, at least two possibilities remain for every withheld cell")
  func notToBeWorkedOut() {
    for code in 0..<(9 * 9 * 9) {
      let cells = [code % 9, code / 9 % 9, code / 81]
      let (shown, hidesTotal) = SmallCells.withhold(cells)
      guard !hidesTotal else { continue }
      for hidden in cells.indices where shown[hidden] == nil && cells[hidden] < SmallCells.least {
        // What else the cell could be, so that the same is shown under the same total.
        let others = Set(
          (0..<1000).compactMap { other -> Int? in
            let guess = [other % 10, other / 10 % 10, other / 100]
            guard guess.reduce(0, +) == cells.reduce(0, +) else { return nil }
            let again = SmallCells.withhold(guess)
            return again.cells == shown && !again.hidesTotal ? guess[hidden] : nil
          })
        #expect(others.count > 1, "\(cells)")
      }
    }
  }

  @Test("the binomial tail agrees with exact values")
  func binomial() {
    #expect(abs(Binomial.tail(0, of: 10, share: 0.5) - 1.0 / 1024) < 1e-12)
    #expect(abs(Binomial.tail(9, of: 10, share: 0.5) - 11.0 / 1024) < 1e-12)
    #expect(Binomial.tail(3, of: 3, share: 0) == 0)
    #expect(Binomial.tail(0, of: 0, share: 0.3) == 1)
  }

  @Test("counts by tier over semesters, and a class whose rate is far from the others'")
  func countsAndClasses() async throws {
    let district = try await TestDistrict.make()
    for number in 0..<24 {
      var pupil = TestPupil()
      pupil.name = "样\(number)"
      pupil.grade = number < 12 ? "三年级" : "四年级"
      pupil.tier = number < 12 ? (number < 3 ? .special : .difficult) : nil
      _ = try await district.pupil(pupil)
    }
    let counts = try await Targeting.counts(
      school: district.school.id, through: TestDistrict.autumn, semesters: 3,
      today: TestDistrict.today, in: district.officer)
    #expect(counts.map(\.semester) == ["2026-2027-1"])
    #expect(counts[0].total == 12)
    // Three specially hard ones: that cell and the next are withheld.
    #expect(counts[0].tiers.map(\.pupils) == [nil, nil, 0])

    let classes = try await Targeting.unusualClasses(
      school: district.school.id, on: TestDistrict.today, in: district.officer)
    #expect(classes.map(\.recognised) == [12, 0])
    #expect(classes.map(\.expected) == [0, 12])
  }

  @Test("a recognised pupil without payment, goods or sponsor is listed, the hardest first")
  func withoutAid() async throws {
    let district = try await TestDistrict.make()
    var pupil = TestPupil()
    let second = try await district.pupil(pupil)
    pupil.name = "样小特"
    pupil.tier = .special
    let first = try await district.pupil(pupil)
    pupil.name = "样未认"
    pupil.tier = nil
    _ = try await district.pupil(pupil)
    let found = try await Targeting.withoutAid(
      school: district.school.id, on: TestDistrict.today, in: district.officer)
    #expect(found.map(\.student) == [first, second])
    let elsewhere = try await Targeting.withoutAid(
      school: nil, on: TestDistrict.today, in: district.otherOfficer)
    #expect(elsewhere.isEmpty)
  }
}
