import ArgumentParser
import Foundation
import Glibc
import Yibang

@main
struct YibangCommand: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "yibang",
    abstract: "一帮一：捐赠与结对助学 · Donations and one-to-one aid for pupils",
    discussion: """
      全局选项写在子命令之前或之后均可 · Global options may stand before or after the subcommand.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "开始 · Start",
        subcommands: [
          DemoCommand.self, ServeCommand.self, ConfigCommand.self, OpenAPICommand.self,
          DatabaseFamily.self,
        ]),
      CommandGroup(
        name: "学校与学生 · Schools and pupils",
        subcommands: [
          DistrictFamily.self, SchoolFamily.self, SemesterFamily.self, CalendarFamily.self,
          StudentFamily.self,
          ConsentFamily.self,
        ]),
      CommandGroup(
        name: "困难认定 · Recognition",
        subcommands: [
          RecognitionFamily.self, RulesFamily.self, ComparisonFamily.self, NoticeFamily.self,
          ObjectionFamily.self, TargetingFamily.self,
        ]),
      CommandGroup(
        name: "捐赠与基金 · Gifts and funds",
        subcommands: [
          DonorFamily.self, DonationFamily.self, CampaignFamily.self, ReceiptFamily.self,
          FundFamily.self, BudgetFamily.self, PaymentFamily.self, ClawbackFamily.self,
          BankFamily.self, GoodsFamily.self,
        ]),
      CommandGroup(
        name: "结对 · Pairing",
        subcommands: [
          OfferFamily.self, MatchFamily.self, PairingFamily.self, CommitmentFamily.self,
          InstalmentFamily.self, PayoutFamily.self, ReminderFamily.self, MailFamily.self,
          LetterFamily.self,
        ]),
      CommandGroup(
        name: "活动与报表 · Activities and reports",
        subcommands: [ActivityFamily.self, ReportFamily.self]),
      CommandGroup(
        name: "管理 · Administration",
        subcommands: [
          UserFamily.self, JobFamily.self, DoctorCommand.self, BackupCommand.self,
          RestoreCommand.self, SealFamily.self, AuditFamily.self,
          AccessFamily.self, KeyFamily.self, RetentionFamily.self, EventFamily.self,
          WebhookFamily.self, BenchFamily.self,
        ]),
    ])

  // Parsed here too, so that the options are also taken before the subcommand.
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  static func main() async {
    // A reader that goes away is an error of the write, so that the database is given back.
    signal(SIGPIPE, SIG_IGN)
    Glibc.exit(await launch(Array(CommandLine.arguments.dropFirst())))
  }

  /// Parses and runs one command line.
  ///
  /// - Returns: the exit status, as sysexits.h numbers them.
  static func launch(_ arguments: [String]) async -> Int32 {
    let language = Language.chosen(arguments, ProcessInfo.processInfo.environment)
    var command: any ParsableCommand
    do {
      command = try await asyncParseAsRoot(arguments)
    } catch {
      if exitCode(for: error) != .success,
        let suggestion = Suggestion.text(arguments, root: Self.self)
      {
        standardError(suggestion(language) + "\n")
      }
      return report(parserError: error, language)
    }
    do {
      if var asyncCommand = command as? any AsyncParsableCommand {
        try await asyncCommand.run()
      } else {
        try command.run()
      }
      return ExitStatus.ok
    } catch let status as ExitCode {
      return status.rawValue
    } catch OutputError.readerGone {
      return ExitStatus.outputFailed
    } catch {
      // Help that a family of subcommands gives when it is called alone.
      if exitCode(for: error) == .success { return report(parserError: error, language) }
      let failure = Failure(error)
      standardError("\(failure.line(language))\n")
      return failure.status
    }
  }

  /// Prints help, version or completion script as asked for, or says why the words were not
  /// understood.
  private static func report(parserError error: any Error, _ language: Language) -> Int32 {
    let message = fullMessage(for: error)
    if exitCode(for: error) == .success {
      do {
        try standardOutput(message.hasSuffix("\n") ? message : message + "\n")
        return ExitStatus.ok
      } catch {
        return ExitStatus.outputFailed
      }
    }
    if language == .zh {
      standardError("错误：命令写法有误。用 yibang --help 或 yibang 子命令 --help 查看用法。\n")
    }
    standardError(message + "\n")
    return ExitStatus.usage
  }
}
