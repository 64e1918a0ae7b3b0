"""The words of the administrator's pages, English and Chinese."""

from __future__ import annotations

from collections.abc import Callable

LANGUAGES = ("en", "zh")

_ZH = {
    "Actor": "操作人",
    "Add user": "添加用户",
    "All devices were here within a day.": "所有设备在一天之内都联系过总部。",
    "Assign": "分配",
    "Audit": "审计",
    "Back to the users": "返回用户列表",
    "Changes that met a bug": "遇到程序错误的更改",
    "Code": "代码",
    "Commits in the last hour": "最近一小时的提交",
    "Created": "新增",
    "Database": "数据库",
    "Detail": "详情",
    "Device": "设备",
    "Devices": "设备",
    "Devices late by a day": "超过一天未联系的设备",
    "Disable": "停用",
    "Enable": "启用",
    "Enrolment code": "注册码",
    "Errors": "错误",
    "Event": "事件",
    "Everything that devices handed in was taken.": "设备提交的内容均已处理。",
    "Field": "字段",
    "For {name}. It is shown this once, enrols one computer, and ends after 24 hours.":
        "供{name}使用。仅显示这一次，可注册一台电脑，24 小时后失效。",
    "Head office": "总部",
    "Here within a day": "一天内联系过",
    "Here within a week": "一周内联系过",
    "Here within an hour": "一小时内联系过",
    "Imports": "导入",
    "Imports are started with the command line or by another system.":
        "导入由命令行或其他系统发起。",
    "Issue a code": "签发注册码",
    "It is refused: {why}": "仍被拒绝：{why}",
    "Others changed the same since. Who handed it in has to do it anew.":
        "此后他人已更改同一内容，须由提交人重新更改。",
    "Kind": "类型",
    "Last contact": "最近联系",
    "Leave empty for a user who enrols by code only.": "留空则该用户只能凭注册码注册。",
    "Line": "行",
    "Longer ago": "一周以上未联系",
    "Lost or stolen": "丢失或被盗",
    "Name": "姓名",
    "Name of the computer": "电脑名称",
    "New password": "新密码",
    "No device is enrolled yet. Issue a code for a user.": "尚无已注册的设备。请为用户签发注册码。",
    "No imports yet.": "尚无导入。",
    "New price key": "更换价格密钥",
    "No such page": "没有此页面",
    "Not an administrator, or user or password are wrong.": "不是管理员，或者用户名、密码有误。",
    "Number": "编号",
    "On the way": "待取",
    "Only letters and digits and .-_ are usual, without blanks.": "通常只用字母、数字和 .-_，不含空格。",
    "Open issues by code": "未取的拒绝（按代码）",
    "Password": "密码",
    "Program": "程序",
    "Refused": "拒绝",
    "Replaced: new code": "已更换：签发新码",
    "Reports of the last 50": "最近 50 次",
    "Role": "角色",
    "Filing": "备案号",
    "Medical representative": "医药代表",
    "Plans and promotions need it from then on; empty takes it away.": "填写后计划和推广须有有效备案；清空则取消。",
    "Save": "保存",
    "The day is not of the form 2027-12-31.": "日期格式应为 2027-12-31。",
    "Valid until": "有效期至",
    "Set password": "设置密码",
    "Shut out": "禁止访问",
    "Take the order back": "撤销指令",
    "Wipe at next contact": "下次联系时清除",
    "Withdraw prices": "收回价格",
    "prices withdrawn": "价格已收回",
    "to be wiped": "待清除",
    "wiped": "已清除",
    "Sign in": "登录",
    "Sign out": "退出登录",
    "Signed in as {name}": "当前用户：{name}",
    "Size of the database": "数据库大小",
    "Something went wrong here. The incident is in the log.": "出现内部错误，已记入日志。",
    "State": "状态",
    "Subject": "对象",
    "Synchronization": "同步",
    "System": "系统",
    "disk not encrypted": "磁盘未加密",
    "disk encrypted": "磁盘已加密",
    "Territories": "区域",
    "The form is too old. Go back, load the page again, and repeat.":
        "表单已过期。请返回并刷新页面后重试。",
    "The last 200 events, newest first. The chain is checked with {command}.":
        "最近 200 条事件，最新在前。用 {command} 校验链条。",
    "The user is disabled.": "该用户已停用。",
    "There is no device of this id.": "没有此编号的设备。",
    "There is no user of this id.": "没有此编号的用户。",
    "Time": "时间",
    "Too many attempts. Wait {seconds} seconds.": "尝试次数过多，请等待 {seconds} 秒。",
    "Try again": "重试",
    "Unchanged": "未变",
    "Updated": "更新",
    "User": "用户",
    "Users": "用户",
    "Verdict not fetched for longest": "最久未取的处理结果",
    "What devices have not fetched yet": "设备尚未取走",
    "active": "正常",
    "conflict": "冲突",
    "disabled": "已停用",
    "late": "逾期",
    "none": "无",
    "revoked": "已禁用",
    # what the accounts refuse
    "The login must be one word of at most 100 characters.": "登录名须为一个词，最多 100 个字符。",
    "The name must have 1 to 100 characters.": "姓名须为 1 至 100 个字符。",
    "{login} is no representative.": "{login} 不是医药代表。",
    "The number of a filing has at most 60 characters.": "备案号最多 60 个字符。",
    "There is a user {login} already.": "用户 {login} 已存在。",
    "There is no role {role}. Roles are {roles}.": "没有角色 {role}。可用角色：{roles}。",
    "There is no territory {name}.": "没有区域 {name}。",
    "There is no user {login}.": "没有用户 {login}。",
    "The user {login} is disabled.": "用户 {login} 已停用。",
    "There is no dead letter {incident}.": "没有死信 {incident}。",
    "Use at least {shortest} characters for the password.": "密码至少需要 {shortest} 个字符。",
    "Use at most {longest} characters for the password.": "密码最多 {longest} 个字符。",
    "This password is easy to guess. Use a few words that only you connect.":
        "此密码容易被猜到。请使用几个只有您会联系起来的词。",
    "You cannot shut yourself out.": "不能停用自己。",
    "Systems": "外部系统",
    "System name": "系统名称",
    "Add system": "添加系统",
    "Scopes": "权限",
    "Last used": "最近使用",
    "never": "从未",
    "Revoke": "撤销",
    "Token": "令牌",
    "For {name}. It is shown this once; give it to the system's operator.":
        "供{name}使用。仅显示这一次，请交给该系统的管理员。",
    "No other system is connected.": "尚未连接外部系统。",
    "There is a system {name} already.": "系统 {name} 已存在。",
    "There is no system {name}.": "没有系统 {name}。",
    "Choose at least one scope of: {scopes}.": "请至少选择一项权限：{scopes}。",
    # before something is done
    "Actions":
        "操作",
    "Access":
        "访问",
    "Cancel":
        "取消",
    "Skip to the page":
        "跳到正文",
    "Pages":
        "页面",
    "Where":
        "对象",
    "Computers":
        "电脑",
    "No computer is enrolled for this user yet. Issue a code.":
        "该用户尚未注册电脑。请签发注册码。",
    "Computers lose what the new role may not hold at their next contact.":
        "下次联系时，电脑会删除新角色不能持有的数据。",
    "There is no territory yet. Add some with {command}.":
        "还没有区域。请用 {command} 添加。",
    "What this system may do":
        "该系统可以做什么",
    "Wipe this computer?":
        "清除这台电脑？",
    "At its next contact it hands in what it has, then deletes its keys and with them everything on "
    "it. What cannot be handed in is sealed to head office.":
        "下次联系时，它先提交现有内容，然后删除密钥，其上的所有数据随之失效。无法提交的内容会加密交给总部。",
    "Withdraw the prices of this computer?":
        "收回这台电脑上的价格？",
    "At its next contact it hands in what it has, then deletes its prices and their keys. Everything "
    "else stays. The order can be taken back.":
        "下次联系时，它先提交现有内容，然后删除价格及其密钥。其他数据保留。此指令可以撤销。",
    "Shut this computer out?":
        "禁止这台电脑访问？",
    "It is let in no more from this moment: nothing is handed in from it, and no order to wipe "
    "reaches it. What is on it stays encrypted, and its prices shut when its lease ends.":
        "从现在起不再允许它访问：无法再从它提交内容，清除指令也到不了它。其上的数据仍然加密，租约到期后价格无法打开。",
    "Is everything handed in from the old computer?":
        "旧电脑上的内容都已提交了吗？",
    "It is let in no more from this moment. You are then shown a code that enrols the new one.":
        "从现在起不再允许它访问。随后会显示用于注册新电脑的注册码。",
    "Disable this user?":
        "停用此用户？",
    "Nobody signs in as this user any more, and no computer of the user is let in. What was recorded "
    "stays, and the user can be enabled again.":
        "不能再以此用户登录，该用户的电脑也不能访问。已记录的内容保留，之后可以重新启用。",
    "Shut this system out?":
        "禁止此系统访问？",
    "Its token ends at once. To let the system in again it has to be added anew, and gets another token.":
        "其令牌立即失效。如需再次允许访问，须重新添加并使用新的令牌。",
}  # fmt: skip


_EVENTS = {
    "admin.signed_in": ("An administrator signed in", "管理员登录"),
    "audit.mismatch": ("A device holds another audit", "设备持有的审计不一致"),
    "database.restored": ("Database restored", "数据库已恢复"),
    "device.code": ("Code issued", "签发注册码"),
    "device.enrolled": ("Computer enrolled", "电脑已注册"),
    "device.order_lifted": ("Order taken back", "指令已撤销"),
    "device.price_key_replaced": ("Price key replaced", "价格密钥已更换"),
    "device.price_key_wanted": ("New price key wanted", "要求更换价格密钥"),
    "device.prices_revoked": ("Withdrawal of prices ordered", "已下令收回价格"),
    "device.wipe_revoked": ("Wipe ordered", "已下令清除"),
    "device.revoked": ("Computer shut out", "电脑已禁用"),
    "device.wiped": ("Computer wiped", "电脑已清除"),
    "export": ("Exported", "导出"),
    "import": ("Imported", "导入"),
    "letter.redone": ("Change decided anew", "更改已重新处理"),
    "policy.lease_days": ("Days of a lease changed", "租约天数已更改"),
    "policy.price_masking": ("Masking of prices changed", "价格遮盖方式已更改"),
    "policy.price_unlock": ("Unlocking of prices changed", "价格解锁方式已更改"),
    "price.copied": ("Prices copied", "复制价格"),
    "price.exported": ("Prices exported", "导出价格"),
    "price.printed": ("Prices printed", "打印价格"),
    "rescue.applied": ("Rescued work taken in", "抢救的数据已导入"),
    "rescue.read": ("Rescued work read", "抢救的数据已查看"),
    "sign_in.failed": ("Sign-in failed", "登录失败"),
    "system.added": ("System added", "添加外部系统"),
    "system.revoked": ("System shut out", "外部系统已撤销"),
    "territory.added": ("Territory added", "添加区域"),
    "token.reused": ("A token was used twice", "令牌被重复使用"),
    "user.added": ("User added", "添加用户"),
    "user.enabled": ("User enabled", "用户已启用"),
    "user.disabled": ("User disabled", "用户已停用"),
    "user.filing": ("Filing noted", "备案号已更改"),
    "user.mr_mode": ("Rules for representatives switched", "医药代表规则已更改"),
    "user.password": ("Password set", "设置密码"),
    "user.role": ("Role changed", "更改角色"),
    "user.territories": ("Territories assigned", "分配区域"),
}
_ROLES = {
    "REP": ("Representative", "医药代表"),
    "KAM": ("Key account manager", "大客户经理"),
    "RM": ("Regional manager", "大区经理"),
    "PRC": ("Pricing office", "价格管理"),
    "LEG": ("Legal", "法务"),
    "FIN": ("Finance", "财务"),
    "QA": ("Quality assurance", "质量保证"),
    "GM": ("General manager", "总经理"),
    "ADM": ("Administrator", "管理员"),
}


def events(language: str) -> Callable[[str], str]:
    """Return the function that says in a language what an event of the audit is; its code where there are no words."""
    return lambda action: _EVENTS.get(action, (action, action))[LANGUAGES.index(language)]


def roles(language: str) -> Callable[[str], str]:
    """Return the function that names a role in a language."""
    return lambda role: _ROLES.get(role, (role, role))[LANGUAGES.index(language)]


def translator(language: str) -> Callable[..., str]:
    """Return the function that gives a text in a language, with its blanks filled in."""

    def tr(source: str, **values: object) -> str:
        wording = _ZH.get(source, source) if language == "zh" else source
        return wording.format(**values) if values else wording

    return tr


def preferred(accept: str) -> str:
    """Choose a language by the Accept-Language header: the first that is ours."""
    for part in accept.lower().split(","):
        name = part.partition(";")[0].strip().partition("-")[0]
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]
