import ArgumentParser
import YibangHTTP

struct OpenAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi",
    abstract: "打印接口文档（OpenAPI 3.1） · Print the API's document (OpenAPI 3.1)")

  func run() throws {
    try standardOutput(API.document + "\n")
  }
}
