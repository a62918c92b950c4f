/// How a letter addresses a sponsor by its display name: one who stays unnamed is not called that.
func salutation(_ sponsor: String) -> Text {
  sponsor == "匿名" ? Text("爱心人士", "friend") : Text(sponsor, sponsor)
}
