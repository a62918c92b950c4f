// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "yibang",
  products: [
    .library(name: "HardshipRecognition", targets: ["HardshipRecognition"]),
    .executable(name: "yibang", targets: ["yibang-command"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CMinizip", pkgConfig: "minizip", providers: [.apt(["libminizip-dev"])]),
    .systemLibrary(
      name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(
      name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
    // What Glibc's module leaves out.
    .systemLibrary(name: "CMalloc"),
    .target(
      name: "HardshipRecognition", resources: [.embedInCode("rules")], swiftSettings: settings),
    .target(
      name: "SchoolCalendar", resources: [.embedInCode("cn-working-days.csv")],
      swiftSettings: settings),
    .target(
      name: "Postgres",
      dependencies: [
        "CLibPQ",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .target(
      name: "Spreadsheet", dependencies: ["CMinizip", "CExpat", "CXlsxWriter"],
      swiftSettings: settings),
    .target(
      name: "MerkleLog",
      dependencies: [.product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: settings),
    .target(name: "Assignment", swiftSettings: settings),
    .target(name: "CMigrations", path: "sql", exclude: ["migrations"]),
    .target(name: "CSwaggerUI", exclude: ["dist"]),
    .target(
      name: "Yibang",
      dependencies: [
        "HardshipRecognition", "SchoolCalendar", "MerkleLog", "Assignment", "Postgres",
        "Spreadsheet", "CMigrations", "CCurl", "CArgon2",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("Letters/distress.txt")],
      swiftSettings: settings),
    .target(
      name: "YibangHTTP",
      dependencies: [
        "Yibang", "Postgres", "SchoolCalendar", "Spreadsheet", "HardshipRecognition",
        "CSwaggerUI",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("examples.json")],
      swiftSettings: settings),
    .executableTarget(
      name: "yibang-command",
      dependencies: [
        "Yibang", "YibangHTTP", "Assignment", "Postgres", "Spreadsheet", "SchoolCalendar",
        "HardshipRecognition", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Sources/yibang",
      swiftSettings: settings),
    .testTarget(
      name: "HardshipRecognitionTests", dependencies: ["HardshipRecognition"],
      exclude: ["Golden"], swiftSettings: settings),
    .testTarget(
      name: "SchoolCalendarTests", dependencies: ["SchoolCalendar"], swiftSettings: settings),
    .testTarget(name: "MerkleLogTests", dependencies: ["MerkleLog"], swiftSettings: settings),
    .testTarget(name: "AssignmentTests", dependencies: ["Assignment"], swiftSettings: settings),
    .testTarget(
      name: "PostgresTests",
      dependencies: ["Postgres", .product(name: "Logging", package: "swift-log")],
      swiftSettings: settings),
    .testTarget(name: "SpreadsheetTests", dependencies: ["Spreadsheet"], swiftSettings: settings),
    .target(name: "MailSink", path: "Tests/MailSink", swiftSettings: settings),
    .testTarget(
      name: "YibangTests",
      dependencies: [
        "MailSink", "Yibang", "YibangHTTP", "MerkleLog", "Postgres", "Spreadsheet",
        "SchoolCalendar",
        "HardshipRecognition",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "YibangCommandTests",
      dependencies: ["MailSink", "yibang-command", "Yibang", "Spreadsheet", "HardshipRecognition"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)
