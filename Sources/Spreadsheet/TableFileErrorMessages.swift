import Glibc

extension TableFileError {
  /// The fault and what to do, in Chinese.
  package var zh: String {
    switch self {
    case .empty:
      "文件是空的。请确认选对了文件，并且表格里有内容。"
    case .truncated:
      "文件不完整，后面的内容缺失。请重新下载或重新复制，再试一次。"
    case .corrupt(let place):
      "文件已损坏（\(place)）。请用表格软件打开，另存为新的 .xlsx 文件，再试一次。"
    case .encrypted:
      "文件设有密码。请在表格软件里取消密码并保存，再试一次。"
    case .oldXls:
      "这是旧的 .xls 格式（或 WPS 的 .et）。请用表格软件打开，另存为 .xlsx，再试一次。"
    case .notATable(let content):
      "这不是表格，而是\(content.zh)。请用 .xlsx 或 .csv 文件。"
    case .tooLarge(let measure, let limit, let row):
      "\(row.map { "第 \($0) 行：" } ?? "")\(measure.zh)超过上限 \(limit)。请删去多余内容，或分成几个文件。"
    case .bomb(let bomb):
      "文件内容异常（\(bomb.zh)），已停止读取。请不要使用这个文件，向提供者索取原表。"
    case .encoding(let line):
      "第 \(line) 行有无法识别的字符：既不是 UTF-8，也不是 GB18030。请用表格软件打开，另存为“CSV UTF-8”。"
    case .unclosedQuote(let line):
      "第 \(line) 行有一个引号没有配对，或者该格内容过长。请在这一行补上或删去引号，再试一次。"
    case .changed:
      "文件在读取时被改动。请保存并关闭表格软件，再试一次。"
    case .unreadable(let errno):
      "文件无法读取（\(systemMessage(errno))）。请检查路径和权限。"
    }
  }

  /// The fault and what to do, in English.
  package var en: String {
    switch self {
    case .empty:
      "The file is empty. Check that it is the right file and that the sheet has content."
    case .truncated:
      "The file is incomplete: its end is missing. Download or copy it again."
    case .corrupt(let place):
      "The file is damaged (\(place)). Open it in a spreadsheet program, save it as a new .xlsx "
        + "file and try again."
    case .encrypted:
      "The file has a password. Remove the password in a spreadsheet program and save it."
    case .oldXls:
      "This is the old .xls format (or .et of WPS). Save it as .xlsx in a spreadsheet program."
    case .notATable(let content):
      "This is not a table but \(content.en). Use an .xlsx or .csv file."
    case .tooLarge(let measure, let limit, let row):
      "\(row.map { "Row \($0): " } ?? "")\(measure.en) over the limit of \(limit). Remove what is "
        + "not needed, or split the file."
    case .bomb(let bomb):
      "The file is abnormal (\(bomb.en)); reading was stopped. Do not use it; ask for the original."
    case .encoding(let line):
      "Line \(line) has bytes that are neither UTF-8 nor GB18030. Open the file in a spreadsheet "
        + "program and save it as \"CSV UTF-8\"."
    case .unclosedQuote(let line):
      "Line \(line) has a quotation mark without its pair, or a cell that is too long. Add or "
        + "remove the mark on this line."
    case .changed:
      "The file was changed while it was read. Save and close it in other programs and try again."
    case .unreadable(let errno):
      "The file cannot be read (\(systemMessage(errno))). Check the path and its permissions."
    }
  }
}

extension TableFileError: CustomStringConvertible {
  package var description: String { en }
}

func systemMessage(_ errno: Int32) -> String { String(cString: strerror(errno)) }

extension TableFileError.Content {
  fileprivate var zh: String {
    switch self {
    case .binary: "二进制文件"
    case .directory: "文件夹"
    case .pdf: "PDF 文件"
    case .image: "图片"
    case .webPage: "网页（很多系统导出的 .xls 其实是网页，请用表格软件打开后另存为 .xlsx）"
    case .xml: "XML 文件（请用表格软件打开后另存为 .xlsx）"
    case .richText: "RTF 文档"
    case .wordDocument: "Word 文档"
    case .presentation: "演示文稿"
    case .openDocument: "OpenDocument 文件（请另存为 .xlsx）"
    case .binaryWorkbook: ".xlsb 文件（请另存为 .xlsx）"
    case .zip: "压缩包（请先解压）"
    }
  }

  fileprivate var en: String {
    switch self {
    case .binary: "a binary file"
    case .directory: "a folder"
    case .pdf: "a PDF file"
    case .image: "an image"
    case .webPage: "a web page (many systems export one as .xls: open it and save it as .xlsx)"
    case .xml: "an XML file (open it in a spreadsheet program and save it as .xlsx)"
    case .richText: "an RTF document"
    case .wordDocument: "a Word document"
    case .presentation: "a presentation"
    case .openDocument: "an OpenDocument file (save it as .xlsx)"
    case .binaryWorkbook: "an .xlsb file (save it as .xlsx)"
    case .zip: "an archive (unpack it first)"
    }
  }
}

extension TableFileError.Measure {
  fileprivate var zh: String {
    switch self {
    case .fileBytes: "文件字节数"
    case .inflatedBytes: "解压后的字节数"
    case .entries: "压缩包内的文件数"
    case .rows: "行数"
    case .columns: "列数"
    case .cells: "单元格数"
    case .cellCharacters: "单元格的字数"
    case .recordBytes: "一行的字节数"
    case .sharedStringBytes: "文字总字节数"
    case .merges: "合并单元格数"
    }
  }

  fileprivate var en: String {
    switch self {
    case .fileBytes: "size of the file in bytes"
    case .inflatedBytes: "unpacked size in bytes"
    case .entries: "number of files in the archive"
    case .rows: "number of rows"
    case .columns: "number of columns"
    case .cells: "number of cells"
    case .cellCharacters: "number of characters in a cell"
    case .recordBytes: "size of a row in bytes"
    case .sharedStringBytes: "size of all text in bytes"
    case .merges: "number of merged ranges"
    }
  }
}

extension TableFileError.Bomb {
  fileprivate var zh: String {
    switch self {
    case .compression: "压缩比异常"
    case .entities: "含有实体声明"
    case .structure: "标签结构异常"
    }
  }

  fileprivate var en: String {
    switch self {
    case .compression: "absurd compression"
    case .entities: "entity declarations"
    case .structure: "absurd tags"
    }
  }
}
