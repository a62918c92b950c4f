import Glibc

/// A folder that is removed with what was put into it.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/spreadsheet-tests-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no temporary folder")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// Names of the files in it.
  var names: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file.
  ///
  /// - Returns: its path.
  func file(_ name: String, _ bytes: some Collection<UInt8>) -> String {
    let path = file(name)
    guard let stream = fopen(path, "wb") else { preconditionFailure("cannot write \(path)") }
    let array = Array(bytes)
    fwrite(array, 1, array.count, stream)
    fclose(stream)
    return path
  }
}

func contents(of path: String) -> [UInt8] {
  guard let stream = fopen(path, "rb") else { return [] }
  defer { fclose(stream) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&chunk, 1, chunk.count, stream)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// A text in another encoding, as the C library makes it.
func encoded(_ text: String, _ encoding: String) -> [UInt8]? {
  guard let converter = iconv_open(encoding, "UTF-8"), Int(bitPattern: converter) != -1 else {
    return nil
  }
  defer { iconv_close(converter) }
  var source = text.utf8.map { CChar(bitPattern: $0) }
  var target = [CChar](repeating: 0, count: source.count * 4 + 16)
  var left = source.count
  var room = target.count
  let outcome = source.withUnsafeMutableBufferPointer { input in
    target.withUnsafeMutableBufferPointer { output in
      var from = input.baseAddress
      var to = output.baseAddress
      return iconv(converter, &from, &left, &to, &room)
    }
  }
  guard outcome != -1 else { return nil }
  return target[..<(target.count - room)].map { UInt8(bitPattern: $0) }
}
