import Postgres

package enum BackupError: YibangError {
  case unwritable(String)
  case unreadable(String)
  case exists(String)
  case notABackup(String)
  case passphrase(String)
  case shortPassphrase(Int)
  case damaged(String)
  /// The folder holds key files already.
  case notEmpty(String)
  /// The database holds tables already.
  case databaseInUse
  case missingProgram(String)
  /// A program of PostgreSQL failed, with what it wrote.
  case program(String, output: String)

  init(_ error: DumpError) {
    switch error {
    case .missing(let program): self = .missingProgram(program)
    case .failed(let program, let output): self = .program(program, output: output)
    }
  }

  package var code: String {
    switch self {
    case .unwritable: "backup.unwritable"
    case .unreadable: "backup.unreadable"
    case .exists: "backup.exists"
    case .notABackup: "backup.not_a_backup"
    case .passphrase: "backup.passphrase"
    case .shortPassphrase: "backup.short_passphrase"
    case .damaged: "backup.damaged"
    case .notEmpty: "backup.home_in_use"
    case .databaseInUse: "backup.database_in_use"
    case .missingProgram: "backup.program_missing"
    case .program: "backup.program_failed"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unwritable, .unreadable, .missingProgram, .program: .unavailable
    case .exists, .notEmpty, .databaseInUse: .conflict
    case .notABackup, .passphrase, .damaged: .badData
    case .shortPassphrase: .usage
    }
  }

  package var text: Text {
    switch self {
    case .unwritable(let path):
      Text(
        "无法写入 \(path)，请检查文件夹、权限和剩余空间。",
        "\(path) cannot be written. Check its folder, the permissions and the room left.")
    case .unreadable(let path):
      Text("无法读取 \(path)，请检查路径和权限。", "\(path) cannot be read. Check its path and permissions.")
    case .exists(let path):
      Text(
        "\(path) 已经存在，不会覆盖。请另起文件名。",
        "\(path) exists and is not written over. Name another file.")
    case .notABackup(let path):
      Text("\(path) 不是一帮一的备份文件。", "\(path) is no backup of Yibang.")
    case .passphrase(let path):
      Text(
        "口令打不开 \(path)，请核对口令。", "The passphrase does not open \(path). Check it.")
    case .shortPassphrase(let count):
      Text("口令至少 \(count) 个字符。", "A passphrase has at least \(count) characters.")
    case .damaged(let path):
      Text(
        "\(path) 不完整或被改动过，没有恢复任何内容。请用另一份备份。",
        "\(path) is not whole or was altered, and nothing was restored. Use another backup.")
    case .notEmpty(let folder):
      Text(
        "\(folder) 中已有密钥文件，不会覆盖。请用 --home 指定一个新的数据目录。",
        "\(folder) holds keys already, which are not written over. Name a new home with --home.")
    case .databaseInUse:
      Text(
        "目标数据库里已有表，只能恢复到空的数据库。",
        "The database holds tables already. A backup is restored into an empty one.")
    case .missingProgram(let program):
      Text(
        "没有找到 \(program)。请安装 PostgreSQL，或用 PG_BINDIR 指明位置。",
        "There is no \(program). Install PostgreSQL, or say with PG_BINDIR where it is.")
    case .program(let program, let output):
      Text("\(program) 失败：\(output)", "\(program) failed: \(output)")
    }
  }
}
