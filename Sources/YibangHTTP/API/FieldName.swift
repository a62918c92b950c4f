/// The name of a field in JSON: `givenOn` is `given_on` and `schoolID` is `school_id`.
func fieldName(_ key: any CodingKey) -> String {
  let name = key.stringValue
  guard name.utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return name }
  // The keys of a dictionary are data, not names.
  guard !String(reflecting: type(of: key)).contains("_DictionaryCodingKey") else { return name }
  var result = ""
  var wasUpper = true
  let letters = Array(name)
  for (index, letter) in letters.enumerated() {
    let startsWord =
      letter.isUppercase
      && (!wasUpper || (index + 1 < letters.count && letters[index + 1].isLowercase))
    if startsWord && index > 0 { result += "_" }
    result += letter.lowercased()
    wasUpper = letter.isUppercase
  }
  return result
}
