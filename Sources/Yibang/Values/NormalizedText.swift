/// The text as a person means it: full-width forms of ASCII become ASCII, other spaces become plain
/// ones, byte-order marks and other invisible characters go, and so does white space at the ends.
package func normalizeText(_ text: String) -> String {
  if isNormal(text) { return text }
  var scalars = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x00AD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF:
      continue
    case 0x00A0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: scalars.append(" ")
    case 0xFF01...0xFF5E: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
    case 0xFFE5: scalars.append("¥")
    default: scalars.append(scalar)
    }
  }
  return String(trimmed(scalars[...]))
}

/// Whether the text holds only visible ASCII and Chinese characters, as most cells do: nothing in
/// it changes.
private func isNormal(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { scalar in
    (0x21...0x7E).contains(scalar.value) || (0x4E00...0x9FFF).contains(scalar.value)
  }
}

private func trimmed(
  _ scalars: Substring.UnicodeScalarView
) -> Substring.UnicodeScalarView {
  var rest = scalars
  while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
  while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
  return rest
}
