import Hummingbird
enum Placeholder2 {}
