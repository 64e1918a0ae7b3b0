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
    "Dead letters": "死信",
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
    "Here within a day": "一天之内",
    "Here within a week": "一周之内",
    "Here within an hour": "一小时之内",
    "Imports": "导入",
    "Imports are started with the command line or by another system.":
        "导入由命令行或其他系统发起。",
    "Issue a code": "签发注册码",
    "It is refused: {why}": "仍被拒绝：{why}",
    "Kind": "类型",
    "Last contact": "最近联系",
    "Leave empty for a user who enrols by code only.": "留空则该用户只能凭注册码注册。",
    "Line": "行",
    "Longer ago": "更早",
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
    "Save": "保存",
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
}  # fmt: skip


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
