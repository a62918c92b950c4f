/// What an actor may not do, and what of users does not fit.
package enum AccessError: YibangError {
  case forbidden(login: String, role: Role, permission: Permission)
  case otherSchool(login: String)
  case unknownUser(login: String, district: String)
  case userExists(login: String)
  case schoolRole(Role)
  case noPerson(Role)
  case lastAdmin(login: String)
  case outOfScope(Permission)
  case disabled(login: String)
  case noLongerAdmin(login: String)
  case sponsorRole

  package var code: String {
    switch self {
    case .forbidden: "access.forbidden"
    case .otherSchool: "access.other_school"
    case .unknownUser: "access.unknown_user"
    case .userExists: "access.user_exists"
    case .schoolRole: "access.school_role"
    case .noPerson: "access.no_person"
    case .lastAdmin: "access.last_admin"
    case .outOfScope: "access.out_of_scope"
    case .disabled: "access.disabled"
    case .noLongerAdmin: "access.no_longer_admin"
    case .sponsorRole: "access.sponsor_role"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .forbidden, .otherSchool, .outOfScope, .disabled, .noLongerAdmin: .forbidden
    case .unknownUser: .unknownUser
    case .userExists, .lastAdmin: .conflict
    case .schoolRole, .noPerson, .sponsorRole: .usage
    }
  }

  package var text: Text {
    switch self {
    case .forbidden(let login, let role, let permission):
      Text(
        "用户 \(login)（\(role.name.zh)）没有权限：\(permission.name.zh)。请换用有权限的用户（--as）。",
        "User \(login) (\(role.name.en)) may not \(permission.name.en). "
          + "Act as a user who has it (--as).")
    case .otherSchool(let login):
      Text("用户 \(login) 只能办理本校的事务。", "User \(login) works for another school only.")
    case .unknownUser(let login, let district):
      Text(
        "区 \(district) 没有用户 \(login)。请用 --as 指定用户，或先 yibang user add \(login)。",
        "District \(district) has no user \(login). Name another with --as, or first "
          + "yibang user add \(login).")
    case .userExists(let login):
      Text(
        "用户 \(login) 已经登记。改角色请用 yibang user role \(login) --role 角色。",
        "User \(login) is registered already. To change the role: yibang user role \(login) --role "
          + "ROLE.")
    case .lastAdmin(let login):
      Text(
        "\(login) 是区里唯一可用的管理员，不能改角色，也不能停用。请先登记另一位管理员：yibang user add。",
        "\(login) is the district's only able admin and stays one. Add another first: "
          + "yibang user add.")
    case .outOfScope(let permission):
      Text(
        "当前登录或令牌不能办理：\(permission.name.zh)。请完成两步验证，或换用范围更大的令牌。",
        "This session or token may not \(permission.name.en). Complete the second factor, or use a "
          + "token of a wider scope.")
    case .disabled(let login):
      Text(
        "用户 \(login) 已停用。请区管理员启用：yibang user enable \(login)。",
        "User \(login) is disabled. A district admin can enable it: yibang user enable \(login).")
    case .noLongerAdmin(let login):
      Text(
        "\(login) 刚被停用或改了角色，不再是区管理员。请由现在的区管理员办理。",
        "\(login) was disabled or given another role just now and is no district admin any more. "
          + "Have a present one do it.")
    case .sponsorRole:
      Text(
        "资助人只能凭邀请开通，并须指明捐赠人：yibang user invite LOGIN --role sponsor --donor ID。其他角色不属于捐赠人，也不能与资助人互换。",
        "A sponsor comes in by invitation, as a donor: yibang user invite LOGIN --role sponsor "
          + "--donor ID. Other roles belong to no donor, and none is changed to or from sponsor.")
    case .schoolRole(let role):
      Text(
        "\(role.name.zh)属于一所学校，请用 --school 指定；其他角色不属于学校。",
        "A \(role.name.en) belongs to a school: name it with --school. Other roles do not.")
    case .noPerson(let role):
      Text(
        "\(role.name.zh)不是人，不能登记。请选别的角色。",
        "No person is \(role.name.en). Choose another role.")
    }
  }
}
