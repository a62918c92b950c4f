import ArgumentParser
import Foundation
import Logging
import Postgres
import Yibang

/// A command that works on an open platform.
protocol WorkCommand: AsyncParsableCommand {
  var global: GlobalOptions { get }
  func run(_ work: Work) async throws
}

extension WorkCommand {
  mutating func run() async throws {
    let command = self
    try await Work.open(Settings(global)) { try await command.run($0) }
  }
}

/// One command at work: the open platform and how to answer.
struct Work: Sendable {
  let settings: Settings
  let platform: Platform
  /// Of the schema's owner.
  let conninfo: String

  var printer: Printer { settings.printer }
  var language: Language { settings.language }

  /// Opens the platform, does the work and closes again, also after an error.
  static func open(_ settings: Settings, _ body: (Work) async throws -> Void) async throws {
    try await Site.use(settings) { site in
      let platform = try await site.platform()
      do {
        try await body(Work(settings: settings, platform: platform, conninfo: site.conninfo))
      } catch {
        await platform.close()
        throw error
      }
      await platform.close()
    }
  }

  /// The context of the acting user in the district that the options, or the school, or the only
  /// district, name.
  /// - Throws: `SchoolError`, `AccessError`.
  func context(school code: String? = nil) async throws -> Context {
    let district = try await district(school: code)
    let actor = try await Users.actor(login: settings.login, district: district, on: platform)
    return Context(platform: platform, actor: actor)
  }

  private func district(school code: String?) async throws -> String {
    let known = try await Districts.list(on: platform).map(\.code)
    if let asked = settings.district {
      let district = try DistrictCode(asked).text
      guard known.contains(district) else { throw SchoolError.unknownDistrict(district) }
      return district
    }
    if let code {
      guard let district = try await Schools.district(ofSchool: SchoolCode(code).text, on: platform)
      else { throw SchoolError.unknownSchool(code) }
      return district
    }
    guard let first = known.first else { throw SchoolError.noDistrict }
    guard known.count == 1 else { throw SchoolError.severalDistricts(known) }
    return first
  }
}
