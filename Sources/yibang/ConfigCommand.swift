import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "列出全部设置、其值和来源，不显示密码 · Print every setting and where it comes from",
    discussion: """
      先后：命令行、环境变量（http.host 即 YIBANG_HTTP_HOST）、设置文件、默认值
      In this order: flag, environment (YIBANG_HTTP_HOST for http.host), file, default

      设置文件 · The file:
        http:
          host: 0.0.0.0
          certificate: /etc/yibang/chain.pem
          key: /etc/yibang/key.pem
        smtp:
          url: smtps://mail.example.org:465
      """)

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  private struct Line: Encodable {
    let name: String
    let value: String?
    let source: Text
    let meaning: Text

    func encode(to encoder: any Encoder) throws {
      var members = encoder.container(keyedBy: CodingKeys.self)
      try members.encode(name, forKey: .name)
      try members.encode(value, forKey: .value)
      try members.encode(source.en, forKey: .source)
      try members.encode(meaning.en, forKey: .meaning)
    }

    enum CodingKeys: CodingKey { case name, value, source, meaning }
  }

  func run() throws {
    let settings = try Settings(global)
    let configuration = settings.configuration
    let lines = ConfigurationKey.allCases.map { key in
      Line(
        name: key.rawValue, value: configuration.shown(key),
        source: configuration.values[key]?.source.text ?? Text("未设置", "not set"),
        meaning: key.meaning)
    }
    try settings.printer.list(
      lines,
      [
        Column("设置", "setting") { .text($0.name) },
        Column("值", "value") { .optional($0.value) },
        Column("来源", "from") { .text($0.source($1)) },
        Column("含义", "meaning") { .text($0.meaning($1)) },
      ])
  }
}
